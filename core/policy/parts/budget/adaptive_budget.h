// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that the heads of a layer divide among themselves: a head with concentrated scores gets few slots, a head with spread
// scores gets many. Feng et al. 2024, arXiv 2407.11550, algorithm 1.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct AdaptiveBudget {
    enum class Form {
        Paper, ///< FFY0/AdaKV: a head's slots are its share of the layer's highest scores, scaled toward a floor and rounded; the
               ///< total may differ from the budget
        Safeguard ///< AdaKVPress of NVIDIA/kvpress: each head's best slots are safe, and the total is exact
    };
    Form form = Form::Paper;
    double floor = 0.2;     ///< share of the mean budget that every head gets
    bool normalize = false; ///< Paper: scores times the share that the head's best `budget` scores have of all
};
/// `perLayer`: what every layer has to share out, per head; uniform, or a pyramid (Ada-PyramidKV).
std::shared_ptr<const BudgetRule> adaptiveBudget(const AdaptiveBudget& options, std::shared_ptr<const BudgetRule> perLayer);

/// Slots of each head besides the protected ones: `average` per head. Equal scores: lower head, then lower position wins.
std::vector<int> adaptiveSlots(const AdaptiveBudget& options, const PromptScores& scores, int average, int protectedSlots);

} // namespace winnow
