// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that cascade: after every layer of the prompt, all layers so far divide the whole budget by their preferences, and each
// evicts what exceeds its new share. CAKE: Qin et al., ICLR 2025, sections 4.1 and 4.2; antgroup/cakekv.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// `cascades` = false: the budget is divided once, after the last layer, which is the default of the authors' script. A prompt
/// that exceeds the budget by no more than the window stays whole until the first step after it. Where a later revision gives a
/// layer more than it still stores, its slots after the prompt are those of that revision.
std::shared_ptr<const BudgetRule> cascadingBudget(bool cascades = true);

/// Slots of the layers seen so far, `total` in all, by preference: truncated, capped at `cap`, and the remainder spread evenly
/// over the layers below the cap. It is spread only once, so a layer may end above the cap again, as in the reference; callers
/// clip it.
std::vector<int> cascadedSlots(const std::vector<double>& preferences, int total, int cap);

} // namespace winnow
