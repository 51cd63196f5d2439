// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/panel_planes.h"

#include "core/analysis/lane_means.h"
#include "core/analysis/overlap.h"

#include <algorithm>

namespace winnow::views {

/// Numbers of a plate lane by lane: other lanes of the same policy have theirs at once.
struct PlateMeans {
    LaneMeans mass;
    std::optional<LaneMeans> stored;
};

namespace {

/// Columns by token, rows by step.
MapPlane historyPlane(const PlaneRequest& request, const RetentionRaster& raster, const JobContext& job)
{
    if (request.reference)
        return differencePlane(*request.policy, *request.reference, request.pairs, raster, job);
    return retentionPlane(*request.policy, request.lanes, raster, job);
}

MapPlane distanceHistory(const PlaneRequest& request, const RetentionRaster& raster, const JobContext& job)
{
    if (request.reference)
        return distanceDifference(*request.policy, *request.reference, request.pairs, *request.axis, raster, job);
    return distancePlane(*request.policy, request.lanes, *request.axis, raster, job);
}

/// Columns by token or distance, rows as given, after one step.
MapPlane stepOf(const PlaneRequest& request, const std::vector<StepRow>& rows, const RetentionRaster& raster,
                const std::optional<DistanceAxis>& axis, int step)
{
    if (request.reference)
        return stepDifference(*request.policy, *request.reference, request.pairs, rows, raster, axis, step);
    return stepPlane(*request.policy, rows, raster, axis, step);
}

std::shared_ptr<const PlateMeans> plateMeans(const PanelPlanes& planes)
{
    const PlaneRequest& request = planes.request;
    if (planes.means && planes.means->mass.areOf(request.policy, request.meanSteps))
        return planes.means;
    PlateMeans means{LaneMeans(request.policy, Metric::Mass, request.meanSteps), {}};
    if (!request.policy->occupancy.empty())
        means.stored.emplace(request.policy, Metric::Slots, request.meanSteps);
    return std::make_shared<const PlateMeans>(std::move(means));
}

Result<PlateNumbers> plateNumbers(const PlaneRequest& request, const PlateMeans& means, const JobContext& job)
{
    PlateNumbers numbers{.mass = means.mass.over(request.lanes.lanes)};
    if (means.stored)
        numbers.stored = means.stored->over(request.lanes.lanes);
    if (request.reference) {
        WINNOW_TRY(numbers.jaccard, meanOverlap(*request.policy, *request.reference, request.pairs, request.meanSteps, job));
    }
    return numbers;
}

} // namespace

const RetentionRaster& rasterOf(const MapPlane& plane)
{
    return std::visit([](const auto& one) -> const RetentionRaster& { return one.raster; }, plane);
}

bool PlaneRequest::sameNumbers(const PlaneRequest& other) const
{
    return policy == other.policy && reference == other.reference && lanes.lanes == other.lanes.lanes &&
           lanes.windows == other.lanes.windows && meanSteps == other.meanSteps;
}

bool PlaneRequest::sameAs(const PlaneRequest& other) const
{
    return sameNumbers(other) && zoom == other.zoom && columns == other.columns && rows == other.rows && sinks == other.sinks &&
           kind == other.kind && axis == other.axis && step == other.step && perLane == other.perLane;
}

int PanelPlanes::stepsDone() const
{
    return request.reference ? std::min(request.policy->stepsDone, request.reference->stepsDone) : request.policy->stepsDone;
}

Result<std::shared_ptr<const PanelPlanes>> computePlanes(const PlaneRequest& request, const JobContext& job)
{
    const Zoom& zoom = request.zoom;
    auto planes = std::make_shared<PanelPlanes>();
    planes->request = request;
    planes->request.before = nullptr;
    const RetentionRaster raster{zoom.tokenBegin, zoom.tokenEnd, zoom.stepBegin, zoom.stepEnd, request.columns, request.rows};
    const RetentionRaster sinks{
        0, std::max(1.0, double(request.sinks)), zoom.stepBegin, zoom.stepEnd, std::max(1, request.sinks), request.rows};
    if (request.kind == MapRows::Lanes) {
        if (request.step < planes->stepsDone()) {
            planes->rows = stepRows(*request.policy, request.lanes, request.perLane);
            countSlots(*request.policy, request.step, planes->rows);
            planes->map = stepOf(request, planes->rows, raster, request.axis, request.step);
            if (request.sinks > 0)
                planes->gutter = stepOf(request, planes->rows, sinks, {}, request.step);
        }
    } else if (request.axis) {
        planes->map = distanceHistory(request, raster, job);
    } else {
        planes->map = historyPlane(request, raster, job);
        planes->gutter = historyPlane(request, sinks, job);
        if (const int last = planes->stepsDone() - 1; last >= 0 && !request.lanes.lanes.empty()) {
            const std::vector<StepRow> all{{.lanes = request.lanes}}; // as one row
            planes->rug = stepOf(request, all, raster, {}, last);
            planes->gutterRug = stepOf(request, all, sinks, {}, last);
        }
    }
    WINNOW_TRY_VOID(job.check("drawing the map"));
    if (const auto* plain = std::get_if<RetentionPlane>(&planes->map); plain && !request.axis)
        addShares(*plain, planes->shown);
    if (request.before)
        planes->means = request.before->means;
    if (request.before && request.before->request.sameNumbers(request)) {
        planes->numbers = request.before->numbers;
        planes->hasNumbers = request.before->hasNumbers;
    }
    return planes;
}

Result<std::shared_ptr<const PanelPlanes>> addNumbers(const std::shared_ptr<const PanelPlanes>& planes, const JobContext& job)
{
    auto whole = std::make_shared<PanelPlanes>(*planes);
    whole->means = plateMeans(*whole);
    WINNOW_TRY_VOID(job.check("the numbers of the map"));
    WINNOW_TRY(whole->numbers, plateNumbers(whole->request, *whole->means, job));
    whole->hasNumbers = true;
    return whole;
}

} // namespace winnow::views
