// SPDX-License-Identifier: GPL-3.0-or-later
// MorphKV: of the tokens before the recent window, those stay that the window's queries attend to most. Ghadia et al. 2025, ICML,
// arXiv 2503.00979; the decode step of ghadiaravi13/MorphKV.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct WindowVotes {
    int window = 32;      ///< newest queries, which vote and whose tokens stay
    bool largest = false; ///< a token's score is the largest vote of the window, else their sum
};

/// A vote is a query's softmax over the slots before the window, the largest of the unit's query heads. Cost of a choice: window
/// · query heads · slots.
std::shared_ptr<const Scorer> windowVotes(const WindowVotes& options);

const Preset& morphkvPreset();

} // namespace winnow
