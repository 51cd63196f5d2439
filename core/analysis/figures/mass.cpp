// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "mass": a metric of every policy against the step.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/running_mean.h"

namespace winnow {

namespace {

Tables massTables(const QualityCurves& curves)
{
    std::vector<double> mean, least, most;
    for (const auto& line : curves.lines) {
        mean.insert(mean.end(), line.mean.begin(), line.mean.end());
        least.insert(least.end(), line.least.begin(), line.least.end());
        most.insert(most.end(), line.most.begin(), line.most.end());
    }
    const std::size_t policies = curves.lines.size(), steps = policies == 0 ? 0 : mean.size() / policies;
    Tables all;
    all.fact("metric", curves.metric->name);
    Table table{.axes = {{policies}, {steps}},
                .columns = {{"policy", {0}, specsOf(curves.lines)},
                            {onlyCsv("step"), {1}, counted(0, steps)},
                            {"mean", {0, 1}, std::move(mean)},
                            {"least", {0, 1}, std::move(least)},
                            {"most", {0, 1}, std::move(most)}}};
    if (isSmoothed(curves.smooth)) {
        all.fact("smoothed", smoothingWords(curves.smooth));
        table.columns.push_back({"smooth", {0, 1}, smoothedLines(curves)});
    }
    all.tables.push_back(std::move(table));
    return all;
}

Result<Figure> makeMass(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, metricIn(*replay, options));
    WINNOW_TRY(QualityCurves curves, qualityCurves(*replay, *metric, curveOptions(options), job));
    Figure figure;
    figure.title = fmt::format("{} against step", metric->title);
    curves.smooth = options.smooth.value_or(1);
    figure.caption = fmt::format("{}, mean over {}{}{}, numbers: at the last step shown", replay->loopName(), lanesText(options),
                                 isSmoothed(curves.smooth) ? ", " : "", smoothingWords(curves.smooth));
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(curves), massTables};
    return figure;
}

} // namespace

FigureKind figureMass()
{
    return {.name = "mass",
            .title = "Quality against step",
            .summary = "A metric of every policy against the step",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsMetric, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsSmooth},
            .make = makeMass};
}

} // namespace winnow
