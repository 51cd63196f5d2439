// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "layers": a metric of every policy against the layer.
#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables layerTables(const LayerCurves& curves)
{
    std::vector<double> mean, least, most;
    for (const auto& line : curves.lines) {
        mean.insert(mean.end(), line.mean.begin(), line.mean.end());
        least.insert(least.end(), line.least.begin(), line.least.end());
        most.insert(most.end(), line.most.begin(), line.most.end());
    }
    Tables all;
    all.fact("metric", curves.metric->name);
    all.tables.push_back({.axes = {{curves.lines.size()}, {curves.layers.size()}},
                          .columns = {{"policy", {0}, specsOf(curves.lines)},
                                      {{"layer", "layers"}, {1}, wholeNumbers(curves.layers)},
                                      {"mean", {0, 1}, std::move(mean)},
                                      {"least", {0, 1}, std::move(least)},
                                      {"most", {0, 1}, std::move(most)}}});
    return all;
}

Result<Figure> makeLayers(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, laneMetricOf(kind.name, options));
    WINNOW_TRY(LayerCurves curves, layerCurves(*replay, *metric, curveOptions(options), job));
    Figure figure;
    figure.title = fmt::format("{} against layer", metric->title);
    figure.caption = fmt::format("{}, {}, mean over the steps {} to {}; whiskers: least and most of a layer's lanes",
                                 replay->loopName(), lanesText(options), curves.range.begin, curves.range.end - 1);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(curves), layerTables};
    return figure;
}

} // namespace

FigureKind figureLayers()
{
    return {.name = "layers",
            .title = "Quality against layer",
            .summary = "A metric of every policy against the layer; with slots it shows how budgets are divided",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsMetric, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsFocus},
            .make = makeLayers};
}

} // namespace winnow
