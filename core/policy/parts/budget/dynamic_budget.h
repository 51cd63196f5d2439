// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that the layers divide among themselves, revised as the prompt passes through them: a layer gets slots in proportion to
// how many of the strongest scores of all layers are its own. DynamicKV: Zhou et al. 2024, arXiv 2412.14838, algorithm 1;
// DreamMr/DynamicKV.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct DynamicBudget {
    double ratio = 10;    ///< r_max: no layer stores more than this many times its mean share
    int every = 4;        ///< layers between revisions
    bool allVote = false; ///< scores of tokens that an earlier revision evicted still count (as in the reference code)
    bool residueLast =
        false; ///< slots left over by rounding go to the last layer (as in the reference code), not to the largest remainders
    bool normalizeScores = false; ///< scores are divided by their layer's sum before they are compared (one reading of the paper)
    bool trimRest =
        true; ///< the last layer revises all, too; false: layers after the last full `every` keep their cap (the code)
};
std::shared_ptr<const BudgetRule> dynamicBudget(const DynamicBudget& options);

/// One revision: slots besides the window of each of the layers seen, from the `winners` that each has among the strongest
/// scores. `cap`: most that a layer can store; `average`: slots per layer of the whole model, of `modelLayers`; `last`: every
/// layer has been seen. Sums to average · modelLayers, less what a layer's cap cuts. Shares are single precision and quotients
/// are Python's floor, as in the reference code.
std::vector<int> dynamicSlots(const std::vector<int>& winners, int votes, int cap, int average, int modelLayers, bool last,
                              bool residueLast);

} // namespace winnow
