// SPDX-License-Identifier: GPL-3.0-or-later
// The product with a weight matrix, which takes nearly all the time of a forward pass.
#pragma once

#include <ATen/core/Tensor.h>

namespace winnow {

struct Linear {
    at::Tensor weight; ///< [out, in]
    at::Tensor bias;   ///< [out]; undefined: none

    /// x · weightᵀ + bias, for rows [n, in]. In float32 on the CPU one row goes over the weights at the speed of memory, several
    /// go to oneDNN, where the library has it; everything else is at::linear's. The three sum in other orders, so that they agree
    /// up to rounding. Any thread; runs on the threads that Torch was given.
    at::Tensor operator()(const at::Tensor& x) const;
};

} // namespace winnow
