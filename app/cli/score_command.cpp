// SPDX-License-Identifier: GPL-3.0-or-later
// winnow score: answers that were written down, scored as several evaluations would.
#include "app/cli/answer_files.h"
#include "app/cli/commands.h"
#include "app/cli/score_lines.h"
#include "core/io/atomic_file.h"
#include "core/tasks/needle_grid.h"
#include "core/tasks/score_text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace winnow::cli {

namespace {

using namespace tasks;

struct ScoreLine {
    std::vector<std::string> files, profiles;
    std::string task, out, jieba, cells, format = "table";
    bool parts = false;
};

/// Several files of one task are told apart by their names where the answers name no series.
std::string seriesOf(const std::string& file) { return std::filesystem::path(file).lexically_normal().string(); }

/// Where each answer of the joined set stood.
struct Joined {
    AnswerSet set;
    std::vector<std::size_t> ends; ///< answers of the files up to each
};

/// The same for two answers to one example. Some benchmarks count their ids anew for every length, so what is asked for says
/// which example it is, too.
std::string exampleKey(const Answer& answer)
{
    std::string key = answerKey(answer);
    for (const std::string& reference : answer.references)
        key += '\x1f' + reference;
    return key + fmt::format("\x1f{}\x1f{}", answer.length.value_or(-1), answer.depth.value_or(-1));
}

Result<Joined> readFiles(const ScoreLine& line, Console& console)
{
    Joined joined;
    std::map<std::string, std::string> firstFile; // of a task without a series
    std::set<std::filesystem::path> files;
    std::set<std::string> met;
    for (const std::string& file : line.files) {
        std::error_code none;
        if (!files.insert(std::filesystem::weakly_canonical(file, none)).second) {
            console.warn(fmt::format("'{}' is named twice; it counts once", file));
            joined.ends.push_back(joined.set.answers.size());
            continue;
        }
        WINNOW_TRY(AnswerSet set, readAnswers(file, line.task, console));
        std::size_t again = 0, alike = 0;
        for (std::size_t i = 0; i < set.answers.size(); ++i) {
            Answer& answer = set.answers[i];
            if (answer.series.empty() && firstFile.try_emplace(answer.task, file).first->second != file)
                answer.series = seriesOf(file);
            if (!answer.id.empty() && !met.insert(exampleKey(answer)).second) {
                ++again;
                continue;
            }
            alike += answer.id.empty() && !met.insert(answerLine(answer)).second;
            joined.set.answers.push_back(std::move(answer));
            joined.set.lines.push_back(set.lines[i]);
        }
        if (again > 0)
            console.warn(
                fmt::format("'{}': {} answer{} to an example that was answered before (same series, task, id and turn) {} "
                            "left out; the first counts",
                            file, again, again == 1 ? "" : "s", again == 1 ? "is" : "are"));
        if (alike > 0)
            console.warn(
                fmt::format("'{}': {} {} without an id that {} an earlier one in everything; {}, since nothing says whether "
                            "the example was another",
                            file, alike, alike == 1 ? "line" : "lines", alike == 1 ? "repeats" : "repeat",
                            alike == 1 ? "it counts" : "all count"));
        joined.ends.push_back(joined.set.answers.size());
    }
    return joined;
}

/// By file: those of one file stand together.
void tellUnjudged(const ScoreLine& line, const Joined& joined, const ScoreTable& table, Console& console)
{
    std::vector<std::vector<BadLine>> ofFile(line.files.size());
    for (const UnjudgedAnswer& one : table.unjudged) {
        const auto file = std::ranges::upper_bound(joined.ends, one.answer) - joined.ends.begin();
        ofFile[static_cast<std::size_t>(file)].push_back({joined.set.lines[one.answer], one.why});
    }
    for (std::size_t i = 0; i < ofFile.size(); ++i)
        tellBad(line.files[i], ofFile[i], console);
}

/// A file for every answer to a needle, as the scripts of needle tests leave them.
Result<void> writeCells(const AnswerSet& set, const std::filesystem::path& folder, Console& console)
{
    const std::vector<NeedleGrid> grids = needleGrids(set.answers);
    if (grids.empty())
        return fail(ErrorCode::BadInput, "no answer says a length and a depth, so there are no cells to write to '{}'",
                    folder.string());
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error))
        return fail(ErrorCode::BadInput, "'{}' is there already and not an empty folder; choose another name", folder.string());
    std::filesystem::create_directories(folder, error);
    if (error)
        return fail(ErrorCode::Io, "the folder '{}' cannot be made: {}", folder.string(), error.message());
    std::size_t count = 0;
    for (const NeedleGrid& grid : grids)
        for (const NeedleCell& cell : grid.cells)
            for (const std::size_t at : cell.answers) {
                WINNOW_TRY_VOID(writeFileAtomically(folder / needleCellName(set.answers[at]), needleCellJson(set.answers[at])));
                ++count;
            }
    console.say(fmt::format("wrote {} cells to {}", grouped(static_cast<std::int64_t>(count)), folder.string()));
    return {};
}

Result<void> score(const ScoreLine& line, Console& console)
{
    WINNOW_TRY(const auto asked, profilesNamed(line.profiles));
    if (!line.task.empty() && findTask(line.task) == nullptr)
        return fail(ErrorCode::Usage, "there is no task '{}', did you mean '{}'? `winnow tasks` lists them", line.task,
                    nearestTask(line.task));
    WINNOW_TRY(const Joined joined, readFiles(line, console));
    WINNOW_TRY(const ScoreTable table,
               scoredAnswers(joined.set, {.profiles = asked, .parts = line.parts}, line.jieba, console.job(0.5, 1)));
    for (const std::string& refused : table.refused)
        console.warn(refused);
    tellUnjudged(line, joined, table, console);
    if (!line.cells.empty())
        WINNOW_TRY_VOID(writeCells(joined.set, line.cells, console));
    if (!line.out.empty())
        WINNOW_TRY_VOID(writeFileAtomically(line.out, extensionOf(line.out) == "csv" ? scoresAsCsv(table) : scoresAsJson(table)));
    if (line.format != "table") {
        console.sayText(line.format == "csv" ? scoresAsCsv(table) : scoresAsJson(table));
        return {};
    }
    tellScores(table, console);
    if (!line.out.empty())
        console.say(fmt::format("wrote {}", line.out));
    return {};
}

} // namespace

void addScore(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<ScoreLine>();
    CLI::App* command = app.add_subcommand("score", "Score answers as LongBench, RULER, kvpress and others do, side by side");
    command->footer(
        R"(Answers are lines of JSON in any of these layouts: Winnow's own, LongBench's and KVCache-Factory's (pred, answers),
LongBench v2's (response, answer), RULER's (pred, outputs), SCBench's (prediction, ground_truth), kvpress's (predicted_answer;
df.to_json(FILE, orient="records", lines=True) writes it), lm-evaluation-harness's samples, needle tests' (model_response).
The task comes from the line, from --task, or from the file's name or folder. Bad lines are named and passed over.)");
    chosen.files.reads(command->add_option("answers", line->files, "files of answers, or - for standard input"))
        ->required()
        ->type_name("ANSWERS…");
    command
        ->add_option("--profile", line->profiles,
                     "score as this evaluation does; may be repeated (every one that knows the task)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command->add_option("--task", line->task, "the task of lines that name none")->type_name("NAME");
    chosen.files
        .reads(command->add_option("--jieba", line->jieba,
                                   "folder of the Python package jieba, whose dictionary splits Chinese into words"))
        ->type_name("FOLDER");
    command
        ->add_option("--cells", line->cells,
                     "a new folder for one JSON file per needle answer, as the scripts of needle tests write them")
        ->type_name("FOLDER");
    command->add_flag("--parts", line->parts, "also by length, difficulty, turn or depth");
    command->add_option("--format", line->format, "what is printed: table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->type_name("FORMAT");
    chosen.files
        .writes(command->add_option("--out", line->out,
                                    "S.csv or S.json: one row per score, with its profile, count, interval and settings"),
                {{"csv", WrittenKind::Numbers}, {"json", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return score(*line, console); };
    });
}

} // namespace winnow::cli
