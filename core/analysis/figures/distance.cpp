// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "distance": the share of lanes that still store a token against its distance from now.
#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables distanceTables(const DistanceCurves& curves)
{
    Tables all;
    for (std::size_t p = 0; p < curves.lines.size(); ++p) { // the policies' lines need not have the same bins
        const DistanceCurves::Line& line = curves.lines[p];
        all.tables.push_back({.axes = {{line.distance.size()}},
                              .columns = {{onlyCsv("policy"), {}, Values::one(line.spec)},
                                          {{"distance", fmt::format("distance.{}", p)}, {0}, Values::borrowed(line.distance)},
                                          {{"share", fmt::format("share.{}", p)}, {0}, Values::borrowed(line.share)}}});
    }
    all.row(onlyNpz("policy"), specsOf(curves.lines));
    all.fact(onlyNpz("unit"), curves.unit);
    all.row(onlyNpz("steps"), firstAndLast(curves.range));
    return all;
}

Result<Figure> makeDistance(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                            const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(DistanceCurves curves, distanceCurves(*replay, curveOptions(options), job));
    Figure figure;
    figure.caption = fmt::format("{}, {}, mean over the steps {} to {}", replay->loopName(), lanesText(options),
                                 curves.range.begin, curves.range.end - 1);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(curves), distanceTables};
    return figure;
}

} // namespace

FigureKind figureDistance()
{
    return {.name = "distance",
            .title = "Kept share against distance",
            .summary = "How far back every policy remembers: the share of lanes that still store a token",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsPolicies, kReadsLanes, kReadsSteps, kReadsFocus},
            .make = makeDistance};
}

} // namespace winnow
