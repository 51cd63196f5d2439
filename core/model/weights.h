// Tensors of a model folder as ATen tensors, checked for shape and type.
#pragma once

#include "core/io/safetensors.h"

#include <ATen/ATen.h>

#include <initializer_list>

namespace winnow {

/// Reads weights for one model. On the CPU a tensor that is stored in the type the model runs in stays in the mapped file (it
/// keeps the mapping alive, and must not be written to); any other is converted into memory of its own.
class Weights {
public:
    Weights(const SafetensorsFolder& files, at::ScalarType dtype, at::Device device)
        : m_files(files), m_dtype(dtype), m_device(device)
    {
    }

    /// Errors name the tensor, the shape found and the shape expected, or the type found and those that are read.
    Result<at::Tensor> get(const std::string& name, std::initializer_list<std::int64_t> shape) const;

private:
    const SafetensorsFolder& m_files;
    at::ScalarType m_dtype;
    at::Device m_device;
};

} // namespace winnow
