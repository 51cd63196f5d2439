// SPDX-License-Identifier: GPL-3.0-or-later
// What the figure "retention" shows: maps are drawn from the lifetimes themselves.
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/analysis/means.h"

namespace winnow {

/// The numbers on the plate of a map: means over the chosen lanes and RetentionPicture::meanSteps; NaN where not computed.
struct RetentionPlate {
    double mass, stored; ///< stored: slots
    double jaccard;      ///< with the reference; NaN without one
};

struct RetentionPicture {
    std::shared_ptr<const ReplayResult> replay;
    std::vector<int> policies; ///< numbers from 0
    std::vector<Lane> lanes;   ///< empty = all
    IntRange tokens{}, steps{};
    int reference = -1;    ///< number from 0 of the policy that the others are set against; −1 = none
    bool laneRows = false; ///< rows are lanes, after `step`
    bool distanceAxis = false;
    int step = 0;
    StepSpan meanSteps;
    std::vector<RetentionPlate> plates; ///< as `policies`
};

} // namespace winnow
