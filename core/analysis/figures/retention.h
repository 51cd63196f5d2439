// SPDX-License-Identifier: GPL-3.0-or-later
// What the figure "retention" shows: maps are drawn from the lifetimes themselves.
#pragma once

#include "core/analysis/figures/figure_options.h"
#include "core/analysis/means.h"
#include "core/trace/trace.h"

namespace winnow {

/// The numbers on the plate of a map: means over the chosen lanes and RetentionPicture::meanSteps; NaN where not computed.
struct RetentionPlate {
    double mass, stored; ///< stored: slots
    double jaccard;      ///< with the reference; NaN without one
    double massNow;      ///< at RetentionPicture::step
    double inBrush;      ///< share of the brushed tokens that is stored after that step; NaN without a brush
};

struct RetentionPicture {
    std::shared_ptr<const ReplayResult> replay;
    std::shared_ptr<const TraceInfo>
        info;                  ///< of its layers, for sliding windows, words and the prompt; null without the recording
    std::vector<int> policies; ///< numbers from 0
    std::vector<Lane> lanes;   ///< empty = all
    IntRange tokens{}, steps{};
    int reference = -1;    ///< number from 0 of the policy that the others are set against; −1 = none
    bool laneRows = false; ///< rows are lanes, after `step`
    bool distanceAxis = false;
    bool sides = false; ///< the first of two policies, its difference from the second, which is the reference, and the second
    std::optional<IntRange> brush;
    int step = 0;
    StepSpan meanSteps;
    std::vector<RetentionPlate> plates; ///< as `policies`; none where the maps only say what ranks are taken among
};

} // namespace winnow
