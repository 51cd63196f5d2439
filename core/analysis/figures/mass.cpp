// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "mass": a metric of every policy against the step.
#include "core/analysis/figures/mass.h"

#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/running_mean.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A row per policy, as the Quality tab shows it.
Table policyTable(const QualityTable& quality)
{
    Table table{.axes = {{quality.rows.size()}}, .columns = {{onlyCsv("policy"), {0}, specsOf(quality.rows)}}};
    const auto column = [&](std::string name, const auto& valueOf) {
        std::vector<double> values;
        for (const QualityTable::Row& row : quality.rows)
            values.push_back(valueOf(row));
        table.columns.push_back({std::move(name), {0}, std::move(values)});
    };
    for (std::size_t i = 0; i < metricCatalog().size(); ++i)
        column(fmt::format("mean_{}", metricCatalog()[i].name), [&](const auto& row) { return row.means[i]; });
    column("worst_step", [](const auto& row) { return row.worstStep < 0 ? kNone : row.worstStep; });
    column(fmt::format("worst_{}", metricCatalog().front().name), [](const auto& row) { return row.worst; });
    column("logical_bytes", [](const auto& row) { return row.bytes ? static_cast<double>(row.bytes->logical) : kNone; });
    column("physical_bytes", [](const auto& row) { return row.bytes ? static_cast<double>(row.bytes->physical) : kNone; });
    if (quality.hasDevices) {
        std::vector<std::string> devices;
        for (const QualityTable::Row& row : quality.rows)
            devices.push_back(row.ranOn.device);
        table.columns.push_back({"ran_on", {0}, std::move(devices)});
    }
    return table;
}

Tables massTables(const MassPicture& picture)
{
    const QualityCurves& curves = picture.curves;
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
    all.tables.push_back(policyTable(picture.table));
    all.fact("step", picture.table.step);
    all.row("mean_steps", firstAndLast(picture.table.range));
    return all;
}

Result<Figure> makeMass(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, metricIn(*replay, options));
    WINNOW_TRY(const int step, oneStepOf(*replay, options));
    std::vector<QualityCurves> all;
    for (const Metric& one : metricCatalog()) {
        WINNOW_TRY(QualityCurves of, qualityCurves(*replay, one, curveOptions(options), job));
        all.push_back(std::move(of));
    }
    QualityTable table = qualityTable(all, *replay, step);
    QualityCurves curves = std::move(*std::ranges::find(all, metric, &QualityCurves::metric));
    Figure figure;
    figure.title = fmt::format("{} against step", metric->title);
    curves.smooth = options.smooth.value_or(1);
    figure.caption = fmt::format("{}, mean over {}{}{}, numbers: at the last step shown", replay->loopName(), lanesText(options),
                                 isSmoothed(curves.smooth) ? ", " : "", smoothingWords(curves.smooth));
    figure.manifest = replay->manifest;
    figure.numbers = {MassPicture{std::move(curves), std::move(table)}, massTables};
    return figure;
}

} // namespace

FigureKind figureMass()
{
    return {.name = "mass",
            .title = "Quality against step",
            .summary = "A metric of every policy against the step",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsMetric, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsStep, kReadsSmooth, kReadsFocus},
            .make = makeMass};
}

} // namespace winnow
