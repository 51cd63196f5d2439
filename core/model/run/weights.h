// SPDX-License-Identifier: GPL-3.0-or-later
// Tensors of a model as ATen tensors, checked for shape and type, wherever they come from.
#pragma once

#include "core/io/safetensors.h"
#include "core/model/families/family.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace winnow {

/// Where a model's weights come from.
class Weights {
public:
    virtual ~Weights() = default;
    /// What the tensors of a model of this family are called here.
    virtual StoredForm form(const Family& family) const = 0;
    virtual bool contains(const std::string& name) const = 0;
    /// The names of all stored tensors, ascending.
    virtual std::vector<std::string> names() const = 0;
    /// In the type that the model runs in, on `device`. Errors name the tensor, the shape found and the shape expected, or the
    /// type found and those that are read.
    virtual Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape,
                                   at::Device device) const = 0;
};

/// A sentence where `found` is not `expected`; `who`: "config.json asks".
Result<void> checkShape(const std::string& name, std::span<const std::int64_t> found, std::span<const std::int64_t> expected,
                        std::string_view who);

/// Numbers that lie in a file as they are: a view of them, which keeps `owner` alive and must not be written to, or a copy where
/// they are not aligned to their type.
at::Tensor mappedTensor(std::span<const std::byte> bytes, std::span<const std::int64_t> shape, at::ScalarType type,
                        std::shared_ptr<const void> owner);

/// The weights of a Hugging Face folder. On the CPU a tensor that is stored in the type the model runs in stays in the mapped
/// file (it keeps the mapping alive, and must not be written to); any other is converted into memory of its own.
class SafetensorsWeights final : public Weights {
public:
    SafetensorsWeights(SafetensorsFolder files, at::ScalarType dtype) : m_files(std::move(files)), m_dtype(dtype) {}
    StoredForm form(const Family& family) const override;
    bool contains(const std::string& name) const override { return m_files.contains(name); }
    std::vector<std::string> names() const override { return m_files.names(); }
    Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape, at::Device device) const override;

private:
    SafetensorsFolder m_files;
    at::ScalarType m_dtype;
};

/// Opens the weights of the model at `place` (as resolveModel gives it), to be read in the type that the model runs in.
Result<std::shared_ptr<const Weights>> openWeights(const std::filesystem::path& place, const ModelConfig& config,
                                                   at::ScalarType dtype);

} // namespace winnow
