// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "sweep": a metric of every policy against its budget and against the bytes it stores.
#include "core/analysis/budget_sweep.h"
#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables sweepTables(const BudgetSweep& sweep)
{
    std::vector<std::string> specs;
    std::vector<std::int32_t> budgets;
    std::vector<double> slots, bytes, values;
    for (const BudgetSweep::Line& line : sweep.lines)
        for (const BudgetSweep::Point& point : line.points) {
            specs.push_back(point.spec);
            budgets.push_back(point.budget);
            slots.push_back(point.stored);
            bytes.push_back(point.bytes);
            values.push_back(point.value);
        }
    Tables all;
    all.fact("metric", sweep.metric->name);
    all.row(onlyNpz("steps"), firstAndLast(sweep.range));
    const std::size_t points = specs.size();
    all.tables.push_back({.axes = {{points}},
                          .columns = {{"policy", {0}, std::move(specs)},
                                      {"budget", {0}, std::move(budgets)},
                                      {"slots", {0}, std::move(slots)},
                                      {"bytes", {0}, std::move(bytes)},
                                      {"value", {0}, std::move(values)}}});
    return all;
}

Result<Figure> makeSweep(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, metricOf(options));
    WINNOW_TRY(BudgetSweep sweep, budgetSweep(*replay, *metric, curveOptions(options), job));
    Figure figure;
    figure.title = fmt::format("{} against budget", metric->title);
    figure.caption =
        fmt::format("{}, {}, means over the steps {} to {}; (a) against the slots asked for, (b) against the bytes that "
                    "these lanes store",
                    replay->loopName(), lanesText(options), sweep.range.begin, sweep.range.end - 1);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(sweep), sweepTables};
    return figure;
}

} // namespace

FigureKind figureSweep()
{
    return {.name = "sweep",
            .title = "Quality against budget",
            .summary = "A metric against budget and bytes: a line per policy replayed with several budgets",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsMetric, kReadsPolicies, kReadsLanes, kReadsSteps},
            .make = makeSweep};
}

} // namespace winnow
