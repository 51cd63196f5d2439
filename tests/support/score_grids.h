// SPDX-License-Identifier: GPL-3.0-or-later
// Answers by length and depth that nobody gave: found at the begin and the end, not in between.
#pragma once

#include "core/analysis/score_grid.h"

#include <limits>
#include <utility>

namespace winnow::testing_support {

inline ScoreGrid scoreGrid(std::string series)
{
    ScoreGrid grid{.series = std::move(series), .task = "needle", .model = "demo", .lengths = {512, 1024, 2048}, .depths = {}};
    for (int depth = 0; depth <= 100; depth += 10)
        grid.depths.push_back(depth);
    for (std::size_t score = 0; score < kGridScores.size(); ++score)
        for (const double depth : grid.depths)
            for (const double length : grid.lengths)
                grid.values.push_back(depth < 10 || depth > 80 ? 1
                                      : depth == 50            ? std::numeric_limits<double>::quiet_NaN()
                                                               : 100 / length);
    for (const double depth : grid.depths)
        grid.counts.insert(grid.counts.end(), grid.lengths.size(), depth == 50 ? 0 : 1);
    return grid;
}

} // namespace winnow::testing_support
