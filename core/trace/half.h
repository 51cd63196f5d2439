// SPDX-License-Identifier: GPL-3.0-or-later
// float16 numbers as the trace stores them, many at a time.
#pragma once

#include <cstdint>
#include <span>

namespace winnow {

void halfToFloat(std::span<const std::uint16_t> half, std::span<float> out);

/// Rounds to nearest even. False where a finite number is beyond float16's range; `out` then holds infinities.
bool floatToHalf(std::span<const float> values, std::span<std::uint16_t> out);

} // namespace winnow
