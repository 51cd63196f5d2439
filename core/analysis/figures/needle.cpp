// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "needle": what was hidden in a text, found or not, by the text's length and the depth at which it was hidden.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/series_labels.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace winnow {

namespace {

/// With the task where there are several.
std::vector<std::string> labelsOf(const std::vector<ScoreGrid>& panels, bool withTask)
{
    std::vector<std::string> series, labels;
    for (const ScoreGrid& panel : panels)
        series.push_back(panel.series);
    const auto names = seriesLabels(series);
    for (const ScoreGrid& panel : panels)
        labels.push_back(names.at(panel.series) + (withTask ? ", " + panel.task : ""));
    return labels;
}

Tables needleTables(const NeedleMaps& maps)
{
    const ScoreGrid& first = maps.panels.front();
    const std::size_t panels = maps.panels.size(), depths = first.depths.size(), lengths = first.lengths.size();
    Table table{.axes = {{panels}, {depths}, {lengths}}, .columns = {}};
    std::vector<std::string> series, tasks;
    std::vector<std::int32_t> counts;
    for (const ScoreGrid& panel : maps.panels) {
        series.push_back(panel.series);
        tasks.push_back(panel.task);
        counts.insert(counts.end(), panel.counts.begin(), panel.counts.end());
    }
    table.columns.push_back({"series", {0}, std::move(series), true});
    table.columns.push_back({"task", {0}, std::move(tasks)});
    table.columns.push_back({{"depth", "depths"}, {1}, first.depths});
    table.columns.push_back({{"length", "lengths"}, {2}, first.lengths});
    table.columns.push_back({"n", {0, 1, 2}, std::move(counts)});
    for (std::size_t score = 0; score < kGridScores.size(); ++score) {
        std::vector<double> values;
        for (const ScoreGrid& panel : maps.panels)
            for (std::size_t cell = 0; cell < panel.counts.size(); ++cell)
                values.push_back(panel.values[score * panel.counts.size() + cell]);
        std::string inNpz(kGridScores[score]);
        std::replace(inNpz.begin(), inNpz.end(), '-', '_');
        table.columns.push_back({{std::string(kGridScores[score]), inNpz}, {0, 1, 2}, std::move(values)});
    }
    Tables all;
    all.tables.push_back(std::move(table));
    all.fact("score", kGridScores[maps.score]);
    return all;
}

Result<Figure> makeNeedle(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext&)
{
    if (inputs.grids.empty())
        return fail(ErrorCode::BadInput, "the figure '{}' needs answers with a length and a depth, as winnow ask writes them",
                    kind.name);
    NeedleMaps maps;
    maps.score = static_cast<std::size_t>(std::ranges::find(kGridScores, options.score) - kGridScores.begin());
    if (options.policies.empty())
        maps.panels = inputs.grids;
    for (const int number : options.policies) {
        if (number > static_cast<int>(inputs.grids.size()))
            return fail(ErrorCode::Usage, "policy number {} does not exist, the answers have {}", number, inputs.grids.size());
        maps.panels.push_back(inputs.grids[static_cast<std::size_t>(number - 1)]);
    }
    const auto& counts = maps.panels.front().counts;
    const auto [least, most] = std::ranges::minmax(counts);
    std::set<std::string> tasks;
    for (const ScoreGrid& panel : maps.panels)
        tasks.insert(panel.task);
    maps.labels = labelsOf(maps.panels, tasks.size() > 1);
    const std::string& model = maps.panels.front().model;
    Figure figure;
    figure.caption =
        fmt::format("closed loop, {}: {}, {} in each cell, model {}", fmt::join(tasks, ", "), kGridScoreTitles[maps.score],
                    least == most ? fmt::format("{} {}", most, most == 1 ? "answer" : "answers")
                                  : fmt::format("{} to {} answers", least, most),
                    model.empty() ? "not said" : model);
    figure.manifest["model"] = model;
    figure.manifest["score"] = kGridScores[maps.score];
    figure.numbers = {std::move(maps), needleTables};
    return figure;
}

} // namespace

FigureKind figureNeedle()
{
    return {.name = "needle",
            .title = "Needle in a haystack",
            .summary = "Whether what was hidden in a text was found, by length and depth, one map per policy",
            .needs = FigureNeeds::Answers,
            .reads = {kReadsPolicies, {"--score"}},
            .make = makeNeedle};
}

} // namespace winnow
