// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets per head from a table of head scores made beforehand. HeadKV: Fu et al. 2024, arXiv 2410.19258, section 3.2;
// Zefan-Cai/KVCache-Factory.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// `beta`: every head gets budget − ⌊budget / beta⌋, the rest is shared by score. The window comes on top, as in the reference.
std::shared_ptr<const BudgetRule> headBudget(double beta);

/// Slots besides the window of every head; `scores` sum to 1 over all layers and heads.
std::vector<int> headSlots(std::span<const double> scores, int budget, double beta);

} // namespace winnow
