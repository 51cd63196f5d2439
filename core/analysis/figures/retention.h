// SPDX-License-Identifier: GPL-3.0-or-later
// What the figure "retention" shows: maps are drawn from the lifetimes themselves.
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/replay/replay_result.h"

namespace winnow {

struct RetentionPicture {
    std::shared_ptr<const ReplayResult> replay;
    std::vector<int> policies; ///< numbers from 0
    std::vector<Lane> lanes;   ///< empty = all
    IntRange tokens{}, steps{};
    int reference = -1;    ///< number from 0 of the policy that the others are set against; −1 = none
    bool laneRows = false; ///< rows are lanes, after `step`
    bool distanceAxis = false;
    int step = 0;
};

} // namespace winnow
