// SPDX-License-Identifier: GPL-3.0-or-later
// Scorers at every step that look at the live keys only: parts/key_scores.h without a prompt.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Minus the length of the key; mean over the unit's KV heads.
std::shared_ptr<const Scorer> keyNormSteps();
/// Minus the cosine between a key and the mean of the live unit keys; mean over the unit's KV heads. Cost of a choice: slots · d.
std::shared_ptr<const Scorer> keyDifferenceSteps();

} // namespace winnow
