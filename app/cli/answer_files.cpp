// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/answer_files.h"

#include "app/cli/file_kind.h"
#include "core/io/output_file.h"
#include "core/tasks/needle_grid.h"

#include <algorithm>
#include <limits>

namespace winnow::cli {

using namespace tasks;

namespace {

constexpr std::size_t kMostTold = 8; ///< bad lines that are named one by one

} // namespace

void tellBad(const std::string& file, const std::vector<BadLine>& bad, Console& console)
{
    for (std::size_t i = 0; i < std::min(kMostTold, bad.size()); ++i)
        console.warn(fmt::format("'{}', line {} {}", file, bad[i].line, bad[i].why));
    if (bad.size() > kMostTold)
        console.warn(
            fmt::format("'{}' has {} more such lines, the last is line {}", file, bad.size() - kMostTold, bad.back().line));
}

Result<AnswerSet> readAnswers(const std::string& file, const std::string& task, Console& console)
{
    if (extensionOf(file) == "csv")
        return fail(ErrorCode::BadInput,
                    "'{}' is a table, and answers are read as lines of JSON; with pandas: "
                    "read_csv(FILE).to_json(FILE, orient=\"records\", lines=True), lists made lists again",
                    file);
    if (std::error_code none; std::filesystem::is_regular_file(file, none)) {
        WINNOW_TRY(const FileKind kind, fileKind(file));
        if (kind != FileKind::Text)
            return fail(ErrorCode::BadInput, "'{}' is a {}; answers are lines of JSON", file, kindName(kind));
    }
    WINNOW_TRY(const std::string text, readText(file, {.most = std::uint64_t{4} << 30}, console.job(0, 0.5)));
    AnswerSource source = sourceOf(file);
    if (!task.empty())
        source.task = task;
    AnswerSet set = parseAnswers(text, source);
    tellBad(file, set.bad, console);
    if (set.answers.empty())
        return fail(ErrorCode::BadInput, "'{}' holds no answer that can be scored{}", file,
                    set.bad.empty() ? "; it has no lines"
                                    : fmt::format("; line {} {}", set.bad.front().line, set.bad.front().why));
    return set;
}

std::vector<ScoreGrid> scoreGrids(const std::vector<Answer>& answers)
{
    std::vector<ScoreGrid> grids;
    for (const NeedleGrid& grid : needleGrids(answers)) {
        ScoreGrid& one = grids.emplace_back(
            ScoreGrid{.series = grid.series, .task = grid.task, .lengths = grid.lengths, .depths = grid.depths});
        for (const NeedleCell& cell : grid.cells) {
            one.counts.push_back(static_cast<std::int32_t>(cell.answers.size()));
            if (one.model.empty() && !cell.answers.empty())
                one.model = answers[cell.answers.front()].model;
        }
        for (std::size_t score = 0; score < kNeedleScores; ++score)
            for (const NeedleCell& cell : grid.cells)
                one.values.push_back(cell.answers.empty() ? std::numeric_limits<double>::quiet_NaN() : cell.scores[score]);
    }
    return grids;
}

Result<std::vector<ScoreGrid>> readScoreGrids(const std::vector<std::string>& files, Console& console)
{
    std::vector<Answer> answers;
    for (const std::string& file : files) {
        WINNOW_TRY(AnswerSet set, readAnswers(file, "", console));
        std::ranges::move(set.answers, std::back_inserter(answers));
    }
    std::vector<ScoreGrid> grids = scoreGrids(answers);
    if (grids.empty())
        return fail(ErrorCode::BadInput,
                    "'{}' holds no answer with a length and a depth, as `winnow ask --task needle --depths 10` writes them",
                    files.front());
    return grids;
}

} // namespace winnow::cli
