// SPDX-License-Identifier: GPL-3.0-or-later
// winnow score: answers that were written down, scored as several evaluations would.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
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
    std::string task, out, jieba, format = "table";
    bool parts = false;
};

constexpr std::size_t kMostTold = 8; ///< bad lines that are named one by one

Result<std::vector<const Profile*>> profilesNamed(const std::vector<std::string>& names)
{
    std::vector<const Profile*> found;
    for (const std::string& name : names) {
        const Profile* const profile = findProfile(name);
        if (profile == nullptr)
            return fail(ErrorCode::Usage, "there is no profile '{}', did you mean '{}'? `winnow tasks` lists them", name,
                        nearestProfile(name));
        if (std::ranges::find(found, profile) == found.end())
            found.push_back(profile);
    }
    return found;
}

/// "'a.jsonl', line 3 holds …", the first few and how many more.
void tellBad(const std::string& file, const std::vector<BadLine>& bad, Console& console)
{
    for (std::size_t i = 0; i < std::min(kMostTold, bad.size()); ++i)
        console.warn(fmt::format("'{}', line {} {}", file, bad[i].line, bad[i].why));
    if (bad.size() > kMostTold)
        console.warn(
            fmt::format("'{}' has {} more such lines, the last is line {}", file, bad.size() - kMostTold, bad.back().line));
}

Result<AnswerSet> readFile(const ScoreLine& line, const std::string& file, Console& console)
{
    if (extensionOf(file) == "csv")
        return fail(ErrorCode::BadInput,
                    "'{}' is a table, and answers are read as lines of JSON; with pandas: "
                    "read_csv(FILE).to_json(FILE, orient=\"records\", lines=True), lists made lists again",
                    file);
    if (std::error_code none; std::filesystem::is_regular_file(file, none)) {
        WINNOW_TRY(const FileKind kind, fileKind(file));
        if (kind != FileKind::Text)
            return fail(ErrorCode::BadInput, "'{}' is a {}; winnow score takes answers, lines of JSON", file, kindName(kind));
    }
    WINNOW_TRY(const std::string text, readText(file, {.most = std::uint64_t{4} << 30}, console.job(0, 0.5)));
    AnswerSource source = sourceOf(file);
    if (!line.task.empty())
        source.task = line.task;
    AnswerSet set = parseAnswers(text, source);
    tellBad(file, set.bad, console);
    if (set.answers.empty())
        return fail(ErrorCode::BadInput, "'{}' holds no answer that can be scored{}", file,
                    set.bad.empty() ? "; it has no lines"
                                    : fmt::format("; line {} {}", set.bad.front().line, set.bad.front().why));
    return set;
}

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
        WINNOW_TRY(AnswerSet set, readFile(line, file, console));
        std::size_t again = 0;
        for (std::size_t i = 0; i < set.answers.size(); ++i) {
            Answer& answer = set.answers[i];
            if (answer.series.empty() && firstFile.try_emplace(answer.task, file).first->second != file)
                answer.series = seriesOf(file);
            if (!answer.id.empty() && !met.insert(exampleKey(answer)).second) {
                ++again;
                continue;
            }
            joined.set.answers.push_back(std::move(answer));
            joined.set.lines.push_back(set.lines[i]);
        }
        if (again > 0)
            console.warn(
                fmt::format("'{}': {} answer{} to an example that was answered before (same series, task, id and turn) {} "
                            "left out; the first counts",
                            file, again, again == 1 ? "" : "s", again == 1 ? "is" : "are"));
        joined.ends.push_back(joined.set.answers.size());
    }
    return joined;
}

std::string cell(const ScoreRow& row)
{
    return row.interval ? fmt::format("{:.2f} [{:.1f}, {:.1f}]", row.value, row.interval->low, row.interval->high)
                        : fmt::format("{:.2f}", row.value);
}

/// A row for every series, task, part and score; a column for every profile.
void tellTable(const ScoreTable& table, Console& console)
{
    std::vector<const Profile*> columns;
    for (const Profile& profile : profiles())
        if (std::ranges::find(table.rows, &profile, &ScoreRow::profile) != table.rows.end())
            columns.push_back(&profile);
    using Key = std::array<std::string, 5>;
    std::vector<Key> order;
    std::map<std::pair<Key, std::string_view>, std::string> cells;
    for (const ScoreRow& row : table.rows) {
        const Key key{row.series, row.task, row.part, std::string(row.score == nullptr ? "mean" : row.score->name),
                      std::to_string(row.count)};
        if (std::ranges::find(order, key) == order.end())
            order.push_back(key);
        cells[{key, row.profile->name}] = cell(row);
    }
    Key widths{"series", "task", "part", "score", "n"};
    std::array<std::size_t, 5> wide{};
    for (std::size_t c = 0; c < 5; ++c) {
        wide[c] = c == 3 || c == 1 ? widths[c].size() : 0;
        for (const Key& key : order)
            wide[c] = std::max({wide[c], printable(key[c]).size(), key[c].empty() ? std::size_t{0} : widths[c].size()});
    }
    std::map<std::string_view, std::size_t> columnWidth;
    for (const Profile* const profile : columns) {
        columnWidth[profile->name] = profile->name.size();
        for (const Key& key : order)
            columnWidth[profile->name] = std::max(columnWidth[profile->name], cells[{key, profile->name}].size());
    }
    const auto lineOf = [&](const Key& key, auto valueOf) {
        std::string text;
        for (std::size_t c = 0; c < 5; ++c)
            if (wide[c] > 0)
                text += c == 4 ? fmt::format("{:>{}}", key[c], wide[c]) : fmt::format("{:<{}}  ", printable(key[c]), wide[c]);
        for (const Profile* const profile : columns)
            text += fmt::format("  {:>{}}", valueOf(*profile), columnWidth[profile->name]);
        console.say(text);
    };
    lineOf(widths, [](const Profile& profile) { return std::string(profile.name); });
    for (const Key& key : order)
        lineOf(key, [&](const Profile& profile) {
            const auto found = cells.find({key, profile.name});
            return found == cells.end() || found->second.empty() ? std::string(".") : found->second;
        });
}

/// How each profile would have asked, and how the answers say they were.
void tellFacts(const ScoreTable& table, Console& console)
{
    console.say("\nIn brackets: 95 % by bootstrap over answers. The same answers under every profile; a profile's own run would "
                "also ask so:");
    for (const Profile& profile : profiles()) {
        if (std::ranges::find(table.rows, &profile, &ScoreRow::profile) == table.rows.end())
            continue;
        console.say(fmt::format("  {}: {}", profile.name, profile.asks));
        if (!profile.note.empty())
            console.say(fmt::format("    Beware: {}", profile.note));
    }
    Said queryAware = Said::Unsaid, chat = Said::Unsaid;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const ScoreRow& row = table.rows[i];
        if (row.score == nullptr)
            continue;
        queryAware = i == 0 || queryAware == row.queryAware ? row.queryAware : Said::Mixed;
        chat = i == 0 || chat == row.chatTemplate ? row.chatTemplate : Said::Mixed;
    }
    console.say(fmt::format("The answers say: query-aware {}, chat template {}.", saidTitle(queryAware), saidTitle(chat)));
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

Result<void> score(const ScoreLine& line, Console& console)
{
    WINNOW_TRY(const auto asked, profilesNamed(line.profiles));
    if (!line.task.empty() && findTask(line.task) == nullptr)
        return fail(ErrorCode::Usage, "there is no task '{}', did you mean '{}'? `winnow tasks` lists them", line.task,
                    nearestTask(line.task));
    WINNOW_TRY(const Joined joined, readFiles(line, console));
    ScoreOptions options{.profiles = asked, .parts = line.parts};
    if (wantsSegmenter(joined.set)) {
        const auto folder = line.jieba.empty() ? Segmenter::installed() : std::optional<std::filesystem::path>(line.jieba);
        if (folder) {
            WINNOW_TRY(options.segmenter, Segmenter::load(*folder));
        }
    }
    WINNOW_TRY(const ScoreTable table, scoreAnswers(joined.set, options, console.job(0.5, 1)));
    if (table.rows.empty())
        return fail(ErrorCode::BadInput, "nothing was scored: {}",
                    table.refused.empty() ? table.unjudged.front().why : table.refused.front());
    for (const std::string& refused : table.refused)
        console.warn(refused);
    tellUnjudged(line, joined, table, console);
    if (!line.out.empty())
        WINNOW_TRY_VOID(writeFileAtomically(line.out, extensionOf(line.out) == "csv" ? scoresAsCsv(table) : scoresAsJson(table)));
    if (line.format != "table") {
        console.sayText(line.format == "csv" ? scoresAsCsv(table) : scoresAsJson(table));
        return {};
    }
    tellTable(table, console);
    tellFacts(table, console);
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
        .reads(
            command->add_option("--jieba", line->jieba, "folder of the Python package jieba, by whose dictionary Chinese is cut"))
        ->type_name("FOLDER");
    command->add_flag("--parts", line->parts, "also by length, difficulty, turn or depth");
    command->add_option("--format", line->format, "what is printed: table, csv or json")
        ->check(CLI::IsMember({"table", "csv", "json"}))
        ->type_name("FORMAT");
    chosen.files
        .writes(command->add_option("--out", line->out, "S.csv or S.json: a row a number, with all that must stand beside it"),
                {{"csv", WrittenKind::Numbers}, {"json", WrittenKind::Numbers}})
        ->type_name("FILE");
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return score(*line, console); };
    });
}

} // namespace winnow::cli
