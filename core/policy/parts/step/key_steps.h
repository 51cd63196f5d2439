// SPDX-License-Identifier: GPL-3.0-or-later
// Scorers of every step that look at the live keys only. parts/prompt/key_scores.h has their forms at the prompt's end.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Minus the L2 norm of the key; mean over the unit's KV heads.
std::shared_ptr<const Scorer> keyNormSteps();
/// Minus the cosine between a key and the mean of the live unit keys; mean over the unit's KV heads. Cost of a choice: slots · d.
std::shared_ptr<const Scorer> keyDifferenceSteps();

} // namespace winnow
