// SPDX-License-Identifier: GPL-3.0-or-later
// The top-k oracle: the mass of the best set of as many slots as a policy attended, chosen anew at every step by someone who
// sees the row, shared by the lane's query heads. No policy with this budget can do better; regret is the distance to it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace winnow {

/// Sum of the `count` largest of `row`; all of it where count ≥ its size. `scratch` is overwritten. Linear on average.
double topMass(std::span<const float> row, std::size_t count, std::vector<float>& scratch);

} // namespace winnow
