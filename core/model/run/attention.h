// SPDX-License-Identifier: GPL-3.0-or-later
// Causal attention of a chunk of queries over a cache of keys, with the row normalizers. Plain functions on tensors.
#pragma once

#include <ATen/ATen.h>

namespace winnow {

/// logit = cap(scale · q·k), for keys less than `window` before the query.
struct AttentionRule {
    double scale = 1;
    std::int64_t window = 0; ///< 0 = all before it
    double softcap = 0;      ///< cap(x) = softcap · tanh(x / softcap); 0 = none
};

struct AttentionResult {
    at::Tensor output; ///< [Hq, n, d], in the type of the queries
    at::Tensor lse;    ///< [Hq, n] float32, log of the sum of exp(logit) over the row; undefined when not asked for
};

/// `q` [Hq, n, d] holds the queries of the last n of `keys`' [Hkv, T, d] positions; query r attends to the first T − n + r + 1,
/// or the last `window` of these. Query heads h · Hq / Hkv … share KV head h. Memory grows with n + T (on the CPU) or n · T (on
/// CUDA), not with T²; with a softcap it is bounded.
AttentionResult causalAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule,
                                bool wantLse);

/// The same for devices without the CPU's flash operator: the fused operator for the output, and blocks of q · kᵀ, one KV head at
/// a time, for the normalizers. `causalAttention` chooses; tests compare.
AttentionResult blockwiseAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                                   const AttentionRule& rule, bool wantLse);

/// The same for rules with a softcap, which no fused operator knows: blocks of q · kᵀ in float32 throughout.
AttentionResult cappedAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule);

} // namespace winnow
