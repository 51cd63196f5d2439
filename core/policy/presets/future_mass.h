// SPDX-License-Identifier: GPL-3.0-or-later
// The oracle among evictors: of the tokens that may go, the one to which the rest of the text attends least goes. It must know
// the text to come. It is greedy: a token that left cannot come back, so that a better choice may exist.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// A slot's score is the full attention that later steps pay to it: what it receives in all minus what it has received so far.
/// Less than one millionth counts as 0, because the difference of two sums is no more exact than that.
std::shared_ptr<const Scorer> futureMass();

const Preset& futurePreset();

} // namespace winnow
