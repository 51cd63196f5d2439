// SPDX-License-Identifier: GPL-3.0-or-later
// What the background computes for a panel of the maps: its pictures as planes, and the numbers on its plate. No widget.
#pragma once

#include "core/analysis/means.h"
#include "core/analysis/step_rows.h"
#include "views/state/selection.h"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace winnow::views {

/// Shares of lanes, or two policies against each other.
using MapPlane = std::variant<RetentionPlane, DifferencePlane>;
const RetentionRaster& rasterOf(const MapPlane& plane);

/// The numbers on a plate: means over the chosen lanes and `PlaneRequest::meanSteps`.
struct PlateNumbers {
    std::optional<double> mass, stored, jaccard; ///< Jaccard with the reference, where there is one
};

struct PanelPlanes;
struct PlateMeans;

struct PlaneRequest {
    std::shared_ptr<const PolicyReplay> policy, reference; ///< reference: null = the policy alone
    LaneChoice lanes;
    LanePairs pairs; ///< with a reference
    Zoom zoom;       ///< never empty
    int columns = 0, rows = 0, sinks = 0;
    MapRows kind = MapRows::Steps;
    std::optional<DistanceAxis> axis = {}; ///< of distances; none = tokens
    int step = -1;                         ///< of lane rows; −1 where rows are steps
    bool perLane = false;                  ///< a row for each lane, else for each layer
    StepSpan meanSteps;
    /// What the panel has: its numbers are taken over where they are about the same. Not compared.
    std::shared_ptr<const PanelPlanes> before = nullptr;
    bool sameAs(const PlaneRequest& other) const;
    bool sameNumbers(const PlaneRequest& other) const;
};

/// Immutable.
struct PanelPlanes {
    PlaneRequest request; ///< without `before`
    MapPlane map, gutter, rug, gutterRug;
    std::vector<StepRow> rows;               ///< of a picture whose rows are lanes
    ShareHistogram shown{};                  ///< of `map`; empty for differences and distances, which have scales of their own
    std::shared_ptr<const PlateMeans> means; ///< the numbers lane by lane; may be of other steps
    PlateNumbers numbers;
    bool hasNumbers = false; ///< they are computed; else addNumbers() makes them
    const PolicyReplay& policy() const { return *request.policy; }
    /// The first step that is not computed for what is shown.
    int stepsDone() const;
};

/// Computes the pictures, so that they are soon there; the numbers are those of `before`, or still to come. Any thread. An error
/// of code Cancelled where `job` is asked to stop.
Result<std::shared_ptr<const PanelPlanes>> computePlanes(const PlaneRequest& request, const JobContext& job);
/// The same planes with their numbers, which take as long again where many lanes are chosen. Any thread; errors likewise.
Result<std::shared_ptr<const PanelPlanes>> addNumbers(const std::shared_ptr<const PanelPlanes>& planes, const JobContext& job);

} // namespace winnow::views
