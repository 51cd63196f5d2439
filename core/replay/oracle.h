// SPDX-License-Identifier: GPL-3.0-or-later
// The top-k oracle: at every step it takes the tokens with the largest attention, as many as the policy attended to, one set for
// all query heads of the lane. No policy with this budget keeps more mass. Regret is the oracle's mass minus the policy's.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace winnow {

/// Sum of the `count` largest of `row`; all of it where count ≥ its size. `scratch` is overwritten. Linear on average.
double topMass(std::span<const float> row, std::size_t count, std::vector<float>& scratch);

} // namespace winnow
