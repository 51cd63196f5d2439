// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that cascade: after every layer of the prompt all layers so far share the whole memory by preference, and give up what
// they have too much. CAKE: Qin et al., ICLR 2025, sections 4.1 and 4.2; antgroup/cakekv.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// `cascades`: false divides once, when all layers have been seen, as the authors' script does unless told. A prompt that exceeds
/// the budget by no more than the window stays whole until the first step after it. Where a later revision gives a layer more
/// than it still stores, its slots after the prompt are those of that revision.
std::shared_ptr<const BudgetRule> cascadingBudget(bool cascades = true);

/// Slots of the layers seen so far, `total` in all, by preference: truncated, capped at `cap`, and what is left over spread
/// evenly over the layers below the cap. Once: a layer may end above the cap again, as in the reference; callers clip it.
std::vector<int> cascadedSlots(const std::vector<double>& preferences, int total, int cap);

} // namespace winnow
