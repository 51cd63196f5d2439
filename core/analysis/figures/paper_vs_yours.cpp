// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "paper-vs-yours": a sweep's results beside the numbers of published tables, with every field in which they differ.
#include "core/analysis/figures/figure_inputs.h"
#include "core/base/nearest.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

Tables besideTables(const PaperBeside& beside)
{
    std::vector<std::string> tables, inputs, measures, policies, budgets, papersBudgets, units, differs, models;
    std::vector<double> papers, yours, lows, highs;
    std::vector<std::int64_t> counts, seeds;
    for (const PaperBeside::Row& row : beside.rows) {
        tables.push_back(row.table);
        inputs.push_back(row.paper.input);
        measures.push_back(row.paper.measure);
        units.push_back(row.unit);
        policies.push_back(row.yours.policy);
        models.push_back(row.yours.model);
        budgets.push_back(row.yours.budget);
        papersBudgets.push_back(row.paper.budget);
        seeds.push_back(row.yours.seed);
        papers.push_back(row.paper.value);
        yours.push_back(row.yours.value);
        lows.push_back(row.yours.interval ? row.yours.interval->low : std::nan(""));
        highs.push_back(row.yours.interval ? row.yours.interval->high : std::nan(""));
        counts.push_back(row.yours.n);
        std::vector<std::string> fields;
        for (const PaperBeside::Difference& one : row.differences)
            fields.push_back(fmt::format("{}: {} / {}", one.field, one.paper, one.yours));
        differs.push_back(fmt::format("{}", fmt::join(fields, "; ")));
    }
    Tables all;
    for (const std::string& why : beside.refused)
        all.fact(onlyCsv("refused"), why);
    const std::size_t rows = tables.size();
    all.tables.push_back({.axes = {{rows}},
                          .columns = {{"table", {0}, std::move(tables)},
                                      {"input", {0}, std::move(inputs)},
                                      {"measure", {0}, std::move(measures)},
                                      {"unit", {0}, std::move(units)},
                                      {"model", {0}, std::move(models)},
                                      {"policy", {0}, std::move(policies), true},
                                      {"budget", {0}, std::move(budgets)},
                                      {"paper_budget", {0}, std::move(papersBudgets)},
                                      {"seed", {0}, std::move(seeds)},
                                      {"paper", {0}, std::move(papers)},
                                      {"yours", {0}, std::move(yours)},
                                      {"low", {0}, std::move(lows)},
                                      {"high", {0}, std::move(highs)},
                                      {"n", {0}, std::move(counts)},
                                      {"differs", {0}, std::move(differs), true}}});
    return all;
}

Result<Figure> makePaperVsYours(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                                const JobContext&)
{
    if (inputs.cells.empty())
        return fail(ErrorCode::BadInput, "the figure '{}' needs results of a sweep (winnow sweep)", kind.name);
    std::vector<PaperTable> tables = inputs.papers;
    if (options.paper) {
        std::vector<std::string> names;
        for (const PaperTable& table : tables)
            names.push_back(table.name);
        std::erase_if(tables, [&](const PaperTable& table) { return table.name != *options.paper; });
        if (tables.empty())
            return fail(ErrorCode::Usage, "--paper takes {}, not '{}'; the nearest is '{}'", fmt::join(names, ", "),
                        *options.paper, nearest(*options.paper, std::vector<std::string_view>(names.begin(), names.end())));
    }
    PaperBeside beside = besidePapers(tables, inputs.cells);
    if (beside.rows.empty())
        return fail(ErrorCode::BadInput, "nothing of the sweep can be set beside a paper: {}", fmt::join(beside.refused, "; "));
    Figure figure;
    std::vector<std::string> sources;
    for (const PaperTable& table : tables)
        if (std::ranges::find(beside.rows, table.name, &PaperBeside::Row::table) != beside.rows.end())
            sources.push_back(fmt::format("{}: {}{}{}", table.name, table.source, table.note.empty() ? "" : ". ", table.note));
    figure.caption =
        fmt::format("closed loop, the paper's number and the sweep's with its 95 % interval; under each row what differs, the "
                    "paper's first. {}",
                    fmt::join(sources, " "));
    figure.manifest["sources"] = fmt::format("{}", fmt::join(sources, " "));
    figure.numbers = {std::move(beside), besideTables};
    return figure;
}

} // namespace

FigureKind figurePaperVsYours()
{
    return {.name = "paper-vs-yours",
            .title = "Paper beside yours",
            .summary = "A sweep's results beside the numbers of published tables, and every field in which they differ",
            .needs = FigureNeeds::Cells,
            .reads = {{"--paper"}},
            .make = makePaperVsYours};
}

} // namespace winnow
