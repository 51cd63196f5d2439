// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that keep some layers or heads whole and give the others `slots`: lazy layers (SimLayerKV) and streaming heads
// (DuoAttention).
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// A layer is lazy whose preference, a share of attention, exceeds `threshold` (1: none is). Prompts of up to slots + `spare`
/// tokens stay whole. Zhang et al. 2024, arXiv 2410.13846; SimLayerKVPress of NVIDIA/kvpress.
std::shared_ptr<const BudgetRule> lazyLayerBudget(double threshold, int spare);

/// The `share` of all heads of the model with the lowest head scores, rounded half to even, stream; of equals the first. Where a
/// unit has several query heads, their mean counts. Xiao et al. 2024, arXiv 2410.10819; DuoAttentionPress of NVIDIA/kvpress.
std::shared_ptr<const BudgetRule> streamingHeadBudget(double share);

/// Which heads stream, [layers · units].
std::vector<bool> streamingHeads(std::span<const double> scores, double share);

} // namespace winnow
