// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of a GGUF file, in the form that Hugging Face's would have.
#pragma once

#include "core/io/gguf.h"
#include "core/model/run/weights.h"

namespace winnow {

/// Names are those of GGUF. On the CPU a tensor that is stored in the type the model runs in stays in the mapped file; any other
/// is converted block by block into memory of its own. Undone: the order in which llama.cpp stores the rows of a Llama's queries
/// and keys, and the 1 that it adds to a Gemma's normalization weights.
class GgufWeights final : public Weights {
public:
    /// `config`: of the same file.
    GgufWeights(std::shared_ptr<const GgufFile> file, const ModelConfig& config, at::ScalarType dtype);

    StoredForm form(const Family& family) const override;
    bool contains(const std::string& name) const override { return m_file->table().tensors.contains(name); }
    std::vector<std::string> names() const override;
    Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape, at::Device device) const override;

private:
    std::shared_ptr<const GgufFile> m_file;
    std::int64_t m_queryHeads, m_keyHeads;
    bool m_permuted; ///< rows of queries and keys
    bool m_plusOne;  ///< normalization weights
    at::ScalarType m_dtype;
};

} // namespace winnow
