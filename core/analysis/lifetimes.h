// SPDX-License-Identifier: GPL-3.0-or-later
// How long a policy's lanes store their tokens. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/int_range.h"
#include "core/replay/replay_result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

inline constexpr int kLifetimeBins = 48; ///< at most, in the tab Token and in the csv of the figure "autopsy"

/// Lifetimes in steps: a token that leaves at the end of its own step has 0.
struct LifetimeHistogram {
    int width = 1;                    ///< steps of a bin: bin b holds [b · width, (b + 1) · width)
    std::vector<std::int64_t> left;   ///< how many (lane, token) pairs left, by lifetime
    std::vector<std::int64_t> stayed; ///< how many pairs are still stored at the last computed step, by age
    std::vector<int> marked;          ///< lifetimes of the tokens looked at, one for each lane that lost it, ascending
    std::int64_t count() const;       ///< all (lane, token) pairs
};

/// Over the chosen lanes (indices into [layers × lanes]) and all tokens read; `marked`: the tokens [first, last]. Bins are a
/// power of two wide, at most `bins` of them. Cost: lanes × tokens.
LifetimeHistogram lifetimesOf(const PolicyReplay& policy, std::span<const int> lanes, IntRange marked, int bins);

} // namespace winnow
