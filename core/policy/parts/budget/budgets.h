// SPDX-License-Identifier: GPL-3.0-or-later
// Budget rules: how many slots each lane of each layer gets, observation window included.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// The same for every layer.
std::shared_ptr<const BudgetRule> uniformBudget();

/// The lowest `skipped` layers keep their whole prompt, the others what `rest` gives.
std::shared_ptr<const BudgetRule> skippingBudget(int skipped, std::shared_ptr<const BudgetRule> rest);

enum class PyramidFormula {
    Paper, ///< real-valued line from bottom to top (Cai et al. 2024, arXiv 2406.02069, section 4.2), rounded half to even
    Code,  ///< integers as in the reference code; with small budgets their sum overshoots. Uniform for prompts below twice the
           ///< budget, window aside
    Adakv, ///< the same integers without that exception, as FFY0/AdaKV has them
    Press, ///< PyramidKVPress of NVIDIA/kvpress: the window lies inside the line; else uniform where the line does not fit
};
/// The formula of the parameter `budgets`: paper, code, adakv or press.
PyramidFormula pyramidFormula(std::string_view name);

/// PyramidKV's budgets: many slots for the lower layers, few for the upper ones, the mean as asked for. `beta` > 1. A prompt
/// below the budget stays whole in every layer. The paper does not say what to do where a layer's share exceeds the prompt; here
/// it is cut to it and the rest is unused.
std::shared_ptr<const BudgetRule> pyramidBudget(PyramidFormula formula, double beta);

} // namespace winnow
