// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that cascade: after every layer of the prompt all layers so far share the whole memory by preference, and give up what
// they have too much. CAKE: Qin et al., ICLR 2025, sections 4.1 and 4.2; antgroup/cakekv.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

std::shared_ptr<const BudgetRule> cascadingBudget();

/// Slots of the layers seen so far, `total` in all, by preference: truncated, capped at `cap`, and what is left over spread
/// evenly over the layers below the cap. Once: a layer may end above the cap again, as in the reference; callers clip it.
std::vector<int> cascadedSlots(const std::vector<double>& preferences, int total, int cap);

} // namespace winnow
