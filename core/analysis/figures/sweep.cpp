// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "sweep": quality against what it costs. Of replays a metric of every policy against its budget and bytes; of a file
// of `winnow sweep` what its cells measured, against budget, bytes and milliseconds.
#include "core/analysis/budget_sweep.h"
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/sweep_planes.h"

#include <fmt/ranges.h>

#include <set>

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

Tables planeTables(const SweepPlanes& planes)
{
    std::vector<std::string> models, inputs, measures, policies;
    std::vector<double> budgets, bytes, milliseconds, values, lows, highs;
    std::vector<std::int32_t> seeds;
    std::array<std::vector<std::uint8_t>, 3> fronts;
    for (const SweepPlanes::Panel& panel : planes.panels)
        for (const SweepPlanes::Line& line : panel.lines)
            for (const SweepPlanes::Point& point : line.points) {
                models.push_back(panel.model);
                inputs.push_back(panel.input);
                measures.push_back(panel.measure);
                policies.push_back(point.policy);
                budgets.push_back(point.cost[0]);
                bytes.push_back(point.cost[1]);
                milliseconds.push_back(point.cost[2]);
                values.push_back(point.value);
                lows.push_back(point.interval ? point.interval->low : std::numeric_limits<double>::quiet_NaN());
                highs.push_back(point.interval ? point.interval->high : std::numeric_limits<double>::quiet_NaN());
                seeds.push_back(point.seeds);
                for (std::size_t c = 0; c < fronts.size(); ++c)
                    fronts[c].push_back(point.front[c] ? 1 : 0);
            }
    Tables all;
    const std::size_t points = policies.size();
    all.tables.push_back({.axes = {{points}},
                          .columns = {{"model", {0}, std::move(models)},
                                      {"input", {0}, std::move(inputs)},
                                      {"measure", {0}, std::move(measures)},
                                      {"policy", {0}, std::move(policies), true},
                                      {"budget", {0}, std::move(budgets)},
                                      {"bytes", {0}, std::move(bytes)},
                                      {"milliseconds", {0}, std::move(milliseconds)},
                                      {"seeds", {0}, std::move(seeds)},
                                      {"value", {0}, std::move(values)},
                                      {"low", {0}, std::move(lows)},
                                      {"high", {0}, std::move(highs)},
                                      {"front_budget", {0}, std::move(fronts[0])},
                                      {"front_bytes", {0}, std::move(fronts[1])},
                                      {"front_milliseconds", {0}, std::move(fronts[2])}}});
    return all;
}

Result<Figure> ofCells(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options)
{
    const FigureOptions initial;
    if (!options.lanes.empty() || options.stepRange || !options.policies.empty() || options.metric != initial.metric)
        return fail(ErrorCode::Usage,
                    "the figure '{}' of a sweep's file shows all its cells by what they measured; --metric, --policies, --lanes "
                    "and --steps are for replays",
                    kind.name);
    SweepPlanes planes = sweepPlanes(inputs.cells);
    if (planes.panels.empty())
        return fail(ErrorCode::BadInput, "the sweep has no cell with a value yet");
    std::set<std::string> models;
    bool several = false;
    for (const SweepPlanes::Panel& panel : planes.panels) {
        models.insert(panel.model);
        for (const SweepPlanes::Line& line : panel.lines)
            for (const SweepPlanes::Point& point : line.points)
                several = several || point.seeds > 1;
    }
    Figure figure;
    figure.caption = fmt::format(
        "closed loop, {}; rings: no other point costs less and is as good. Bars: 95 % by bootstrap over answers, of texts "
        "over blocks of 64 tokens{}. Bytes: of texts the most in a step, of tasks behind the answers",
        fmt::join(models, ", "), several ? ", the means of their ends over seeds" : "");
    figure.manifest["loop"] = "closed";
    figure.manifest["models"] = fmt::format("{}", fmt::join(models, ", "));
    figure.numbers = {std::move(planes), planeTables};
    return figure;
}

Result<Figure> makeSweep(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    if (!inputs.cells.empty())
        return ofCells(kind, inputs, options);
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, metricIn(*replay, options));
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
            .summary = "A metric against budget and bytes; of a sweep's file (S.jsonl) its measures, with the Pareto front",
            .needs = FigureNeeds::Replay,
            .cells = true,
            .reads = {kReadsMetric, kReadsPolicies, kReadsLanes, kReadsSteps},
            .make = makeSweep};
}

} // namespace winnow
