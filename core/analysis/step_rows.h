// SPDX-License-Identifier: GPL-3.0-or-later
// One step as a picture whose rows are lanes, or layers: which tokens each of them stores, and in how many slots. Pure, any
// thread, free of Torch and Qt.
#pragma once

#include "core/analysis/difference.h"
#include "core/analysis/distance_plane.h"
#include "core/analysis/retention.h"

#include <optional>

namespace winnow {

/// A row: some of the chosen lanes, one or those of a layer.
struct StepRow {
    int layer = 0; ///< index of the replayed layer
    int head = -1; ///< of the policy; −1 = all chosen lanes of the layer
    LaneChoice lanes;
    double stored = 0; ///< slots after the step, mean over the lanes
    double budget = 0; ///< slots that it may store; 0 = no limit
};

/// The chosen lanes as rows in their order: one each, or one per layer. Rows have no slots yet.
std::vector<StepRow> stepRows(const PolicyReplay& policy, const LaneChoice& choice, bool perLane);
/// Sets what the rows store after `step`, and their budgets: the layer's own where the policy has one per layer.
void countSlots(const PolicyReplay& policy, int step, std::vector<StepRow>& rows);

/// Columns by token, as `raster` says (its steps and rows are not read): the strongest of the column's tokens. With an axis
/// columns by distance: the mean, see distance_plane.h. Cost: one pass over the rows' lanes × visible tokens.
RetentionPlane stepPlane(const PolicyReplay& policy, const std::vector<StepRow>& rows, const RetentionRaster& raster,
                         const std::optional<DistanceAxis>& axis, int step);
/// The same rows of `policy` against the reference; `pairs` are those of all rows' lanes.
DifferencePlane stepDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                               const std::vector<StepRow>& rows, const RetentionRaster& raster,
                               const std::optional<DistanceAxis>& axis, int step);

} // namespace winnow
