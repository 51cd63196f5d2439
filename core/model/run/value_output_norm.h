// SPDX-License-Identifier: GPL-3.0-or-later
// The L1 norm of a value after the output projection of a head, the factor by which CriticalKV weights a slot: Feng et al. 2025,
// arXiv 2502.03805, N_i = ‖v_i · W_o^(h)‖₁.
#pragma once

#include <ATen/ATen.h>

namespace winnow {

/// `v` [Hkv, n, d], `projection` [hidden, Hq · d], both of one type on one device → [Hq, n] float32: for each query head the L1
/// norm of the value of its KV head (h · Hkv / Hq) after its d columns of the projection, without bias. Costs about what the
/// projection itself does. Memory: the outputs of one head and `block` rows for each thread.
at::Tensor valueOutputNorm(const at::Tensor& v, const at::Tensor& projection, std::int64_t block = 256);

} // namespace winnow
