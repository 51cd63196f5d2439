// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/needle_grid.h"

#include "core/io/ordered_json.h"
#include "core/tasks/score_kinds.h"
#include "core/tasks/task_catalog.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace winnow::tasks {

namespace {

std::array<double, kNeedleScores> scoresOf(const Answer& answer)
{
    const Characters prediction = charactersOf(answer.prediction);
    std::vector<Characters> references;
    for (const std::string& reference : answer.references)
        references.push_back(charactersOf(reference));
    std::array<double, kNeedleScores> scores{};
    for (std::size_t i = 0; i < kNeedleScores; ++i)
        scores[i] = needleScores()[i]->judge({.prediction = prediction, .references = references, .classes = {}}).value_or(0);
    return scores;
}

std::optional<double> lengthOf(const Answer& answer)
{
    return answer.contextLength ? std::optional(static_cast<double>(*answer.contextLength)) : answer.length;
}

bool isOfGrid(const Answer& answer)
{
    const TaskInfo* const task = findTask(answer.task);
    return answer.turn == 0 && task != nullptr && (task->family == TaskFamily::Needle || task->family == TaskFamily::Demo) &&
           lengthOf(answer) && answer.depth && !answer.references.empty();
}

void insertSorted(std::vector<double>& values, double value)
{
    const auto at = std::ranges::lower_bound(values, value);
    if (at == values.end() || *at != value)
        values.insert(at, value);
}

std::size_t placeOf(const std::vector<double>& values, double value)
{
    return static_cast<std::size_t>(std::ranges::lower_bound(values, value) - values.begin());
}

} // namespace

const std::array<const ScoreKind*, kNeedleScores>& needleScores()
{
    static const std::array<const ScoreKind*, kNeedleScores> kinds{&scoreKind("exact"), &scoreKind("needle-stemmed"),
                                                                   &scoreKind("needle-words")};
    return kinds;
}

std::vector<NeedleGrid> needleGrids(std::span<const Answer> answers)
{
    std::vector<double> lengths, depths;
    for (const Answer& answer : answers)
        if (isOfGrid(answer)) {
            insertSorted(lengths, *lengthOf(answer));
            insertSorted(depths, *answer.depth);
        }
    std::vector<NeedleGrid> grids;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const Answer& answer = answers[i];
        if (!isOfGrid(answer))
            continue;
        const auto [place, fresh] = places.try_emplace({answer.series, answer.task}, grids.size());
        if (fresh)
            grids.push_back(
                {answer.series, answer.task, lengths, depths, std::vector<NeedleCell>(lengths.size() * depths.size())});
        NeedleCell& cell =
            grids[place->second].cells[placeOf(depths, *answer.depth) * lengths.size() + placeOf(lengths, *lengthOf(answer))];
        const auto scores = scoresOf(answer);
        for (std::size_t s = 0; s < kNeedleScores; ++s)
            cell.scores[s] += scores[s];
        cell.answers.push_back(i);
    }
    for (NeedleGrid& grid : grids)
        for (NeedleCell& cell : grid.cells)
            for (double& score : cell.scores)
                score /= static_cast<double>(std::max<std::size_t>(1, cell.answers.size()));
    return grids;
}

std::optional<std::pair<std::size_t, std::size_t>> hiddenPlace(std::string_view prompt, const Answer& answer)
{
    if (answer.references.empty() || answer.references.back().empty())
        return std::nullopt;
    const std::string& hidden = answer.references.back();
    const std::size_t at = prompt.find(hidden);
    return at == std::string_view::npos ? std::nullopt : std::optional(std::pair(at, at + hidden.size()));
}

std::string needleCellJson(const Answer& answer)
{
    const auto scores = scoresOf(answer);
    nlohmann::ordered_json cell;
    cell["model"] = answer.model;
    cell["context_length"] = static_cast<std::int64_t>(std::llround(lengthOf(answer).value_or(0)));
    cell["depth_percent"] = answer.depth.value_or(0);
    cell["version"] = 1;
    cell["needle"] = answer.references.back();
    cell["model_response"] = answer.prediction;
    cell["score"] = scores[1] * needleScores()[1]->scale;
    cell["needle_answer"] = answer.references.front();
    cell["series"] = answer.series;
    cell["id"] = answer.id;
    for (std::size_t i = 0; i < kNeedleScores; ++i)
        cell["scores"][std::string(needleScores()[i]->name)] = scores[i] * needleScores()[i]->scale;
    return cell.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string needleCellName(const Answer& answer)
{
    std::string series = answer.series.empty() ? answer.model : answer.series;
    for (char& character : series)
        if ((character < '0' || character > '9') && (character < 'a' || character > 'z') && (character < 'A' || character > 'Z'))
            character = '-';
    return fmt::format("{}_len_{}_depth_{}_{}.json", series, std::llround(lengthOf(answer).value_or(0)),
                       std::llround(answer.depth.value_or(0) * 100), answer.id);
}

} // namespace winnow::tasks
