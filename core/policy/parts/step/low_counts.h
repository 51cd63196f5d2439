// SPDX-License-Identifier: GPL-3.0-or-later
// The rule of the Scissorhands paper: it counts how often a token got less than an even share of the attention, and evicts many
// tokens at once.
// Liu et al. 2023, arXiv 2305.17118, Algorithm 2; no code was published.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// Minus the number of the newest `history` rows (0 = all since the token came) in which the slot got less than an even share,
/// one over the number of slots.
std::shared_ptr<const Scorer> lowCounts(int history);

} // namespace winnow
