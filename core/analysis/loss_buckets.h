// SPDX-License-Identifier: GPL-3.0-or-later
// The loss of a text by position, and up to each position. Plain numbers, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace winnow {

struct LossBucket {
    int begin = 0, end = 0;                ///< positions [begin, end)
    std::int64_t count = 0;                ///< judged tokens among them
    std::optional<double> loss, cumulated; ///< nats a token: of the bucket, and of everything before `end`
};

/// `logprob` [T], NaN where nothing is judged. `width`: positions of a bucket; the last may be narrower.
std::vector<LossBucket> lossBuckets(std::span<const float> logprob, int width);

} // namespace winnow
