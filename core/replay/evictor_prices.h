// SPDX-License-Identifier: GPL-3.0-or-later
// The inner loop of the upper bound for eviction policies (core/replay/evictor_oracle.h), compiled for several instruction sets
// and chosen at run time (Highway). Single precision.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow {

/// One step of the relaxed problem: worth[i] += row[i] − price. Where that exceeds best[i], it becomes best[i], and last[i]
/// becomes the step.
void priceStep(const float* row, std::size_t count, float price, std::int32_t step, float* worth, float* best,
               std::int32_t* last);

} // namespace winnow
