// SPDX-License-Identifier: GPL-3.0-or-later
// The oracle of evictors: of what may go, the token that the rest of the text attends to least goes. Greedy, since a token that
// left cannot come back; nobody without foresight can do so.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Attention still to come, from full rows: what a token receives in all less what it has received. Below one millionth it
/// counts as none, since it is a difference of sums.
std::shared_ptr<const Scorer> futureMass();

const Preset& futurePreset();

} // namespace winnow
