// SPDX-License-Identifier: GPL-3.0-or-later
// Basic selectors: lowest score, oldest, seeded random. (The tree scope has a file of its own.)
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// The lowest score goes; of equals the newer, so that runs repeat on every machine.
std::shared_ptr<const Selector> lowestScore();
/// The same, but a choice lets `drop` slots go, more if more must go, and no more than there are candidates.
std::shared_ptr<const Selector> lowestInBulk(int drop);
/// The oldest candidate goes.
std::shared_ptr<const Selector> oldest();
/// A candidate drawn by a hash of (seed, layer, unit, step, round): the same on every device and for every subset of layers.
std::shared_ptr<const Selector> seededRandom(std::uint64_t seed);

} // namespace winnow
