// SPDX-License-Identifier: GPL-3.0-or-later
// What the numbers of a trace may be: finite, and small enough that everything derived from them in float32 stays finite. Writer
// and reader use the same limits, so what was recorded can be read, and code behind the reader meets no NaN and no infinity.
#pragma once

#include "core/trace/trace.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace winnow {

/// Largest magnitudes, far beyond what models have. A head of 65,536 numbers of kMostVector times the largest scales is a logit
/// within float32; beyond kMostLogSumExp a float32 has no fractions left to tell one attention from another.
inline constexpr float kMostVector = 1e12F;   ///< q, k, v, o
inline constexpr float kMostLogSumExp = 1e6F; ///< lse
inline constexpr float kMostNorm = 1e18F;     ///< vo_norm, from 0

struct BadNumber {
    int head = 0, row = 0; ///< among those that were looked at
    float value = 0;
};

/// The first number of `rows`, [heads, n] or [heads, n, d], that a trace may not hold: the earliest row, in it the lowest head.
/// One fast pass where all are good.
std::optional<BadNumber> firstBadNumber(Rows what, std::span<const float> rows, int heads, int n);

/// Whether all are finite, which is all that float16 numbers must be, norms aside.
bool areFinite(std::span<const std::uint16_t> halves);

/// "holds nan at head 1, token 17; expected numbers from -1e+12 to 1e+12", after what the object is called. `first` and `begin`
/// are the head and the token of the first row.
std::string describe(const BadNumber& bad, Rows what, Head first, Position begin);

/// What is wrong with log-probabilities, of the tokens from `begin` on, in the same words; "" when nothing is. nan means that one
/// is not known, as at token 0; `allKnown`: elsewhere it is wrong too.
std::string wrongLogprob(std::span<const float> logprob, Position begin, bool allKnown);

/// What is wrong with the attributes and frequencies of a layer: "scale nan; expected a number from 1e-9 to 10000", to follow the
/// word "has"; "" when nothing is. Heads and head size are not looked at.
std::string wrongAttribute(const LayerInfo& layer);

} // namespace winnow
