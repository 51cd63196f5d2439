// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/check.h"
#include "core/replay/head_scores.h"

#include <cmath>
#include <cstdint>

/// A file of head scores for two layers of two heads: four numbers that sum to 1, or an error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto scores = winnow::parseHeadScores({reinterpret_cast<const char*>(data), size}, "input", 2, 2);
    if (!scores) {
        WINNOW_CHECK(!scores.error().message.empty(), "an error without a sentence");
        return 0;
    }
    double sum = 0;
    for (const double score : *scores)
        sum += score;
    WINNOW_CHECK(scores->size() == 4 && std::abs(sum - 1) < 1e-12, "{} scores that sum to {}", scores->size(), sum);
    return 0;
}
