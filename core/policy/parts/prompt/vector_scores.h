// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers that need no attention: the projection of a key on the queries' main direction, or the norms of key and
// value.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

/// The product of a key with its query heads' filter: the first right singular vector of the head's rotated queries, turned so
/// that the queries' projections on it add up to something positive. Godey et al. 2025, arXiv 2503.02812, section 3. The filters
/// that the authors publish point the other way, and QFilterPress of NVIDIA/kvpress takes minus the product with those. Cost: an
/// eigenproblem of [d, d] for each query head.
std::shared_ptr<const PromptScorer> queryFilter();
/// The filters themselves, float64 [Hq, d]. `queries`: rotated, [Hq, n, d].
at::Tensor queryFilters(const at::Tensor& queries);

struct CurLeverage {
    enum class Of { Product, Mean, Key, Value };
    Of of = Of::Product;
    int local = 16; ///< squared lengths are taken as shares of so many neighbors, from token 0 on; 0 = as they are
    int sinks = 0;  ///< first tokens that score 1, the most that can be
};
/// Squared lengths of key and value. CurDKV, Sengupta et al. 2025, arXiv 2509.15038; CURPress of NVIDIA/kvpress.
std::shared_ptr<const PromptScorer> curLeverage(const CurLeverage& options);

} // namespace winnow
