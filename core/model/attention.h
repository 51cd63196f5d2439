// Causal attention of a chunk of queries over a cache of keys, with the row normalizers. Plain functions on tensors.
#pragma once

#include <ATen/ATen.h>

namespace winnow {

struct AttentionRows {
    at::Tensor output; ///< [Hq, n, d], in the type of the queries
    at::Tensor lse;    ///< [Hq, n] float32, log of the sum of exp(scale * q·k) over the row; undefined when not asked for
};

/// `q` [Hq, n, d] holds the queries of the last n of `keys`' [Hkv, T, d] positions; query r attends to the first T − n + r + 1.
/// Query heads h · Hq / Hkv … share KV head h. Memory grows with n + T (on the CPU) or n · T (on CUDA), not with T².
AttentionRows causalAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale, bool wantLse);

/// The same for devices without the CPU's flash operator: the fused operator for the output, and blocks of q · kᵀ, one KV head at
/// a time, for the normalizers. `causalAttention` chooses; tests compare the two.
AttentionRows blockwiseAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale,
                                 bool wantLse);

} // namespace winnow
