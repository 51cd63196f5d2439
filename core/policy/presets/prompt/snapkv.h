// SPDX-License-Identifier: GPL-3.0-or-later
// SnapKV, and policies that differ from it only by a parameter or by a budget that does not depend on the scores.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& snapkvPreset();
const Preset& pyramidkvPreset();
const Preset& rocketkvPreset();
const Preset& naclPreset();

/// RocketKV's budgets of one prompt (Behnam et al. 2025, arXiv 2502.14051, section 3.3; NVlabs/RocketKV).
struct RocketBudgets {
    int capacity = 0, prompt = 0; ///< slots in all, and those that the prompt keeps
};
RocketBudgets rocketBudgets(int tokenBudget, int length, int generated);

} // namespace winnow
