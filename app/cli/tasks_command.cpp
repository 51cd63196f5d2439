// SPDX-License-Identifier: GPL-3.0-or-later
// winnow tasks: which benchmarks are scored here, how, and what their files must hold.
#include "app/cli/commands.h"
#include "app/cli/resources.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/tasks/generators/hay.h"
#include "core/tasks/generators/ruler.h"
#include "core/tasks/profiles.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace winnow::cli {

namespace {

using namespace tasks;

struct TasksLine {
    std::string name, model, hay, words, out, question, answer;
    std::vector<std::size_t> lengths{1024};
    std::size_t samples = 1, depths = 0, hidden = 1, turns = 1;
    std::uint64_t seed = 42;
    std::vector<std::string> needles;
};

constexpr TaskFamily kFamilies[] = {TaskFamily::Demo,      TaskFamily::Needle,     TaskFamily::Ruler,
                                    TaskFamily::LongBench, TaskFamily::LongBench2, TaskFamily::ScBench};

void listTasks(Console& console)
{
    std::size_t width = 0;
    for (const TaskInfo& task : taskCatalog())
        width = std::max(width, task.name.size());
    for (const TaskFamily family : kFamilies) {
        console.say(fmt::format("{} ({}):", familyTitle(family), familySource(family)));
        for (const TaskInfo& task : taskCatalog())
            if (task.family == family) {
                const bool segments = scoreKind(task.score).needsSegmenter;
                console.say(fmt::format("  {:<{}}  {:<18} {:>4}  {}{}", task.name, width, task.score, task.newTokens,
                                        task.summary,
                                        task.generated ? "; made here"
                                        : segments     ? "; needs jieba's dictionary"
                                                       : ""));
            }
        console.say(fmt::format("  Its file: {}.\n", familyNeeds(family)));
    }
    console.say("Profiles, by which answers are scored:");
    for (const Profile& profile : profiles())
        console.say(fmt::format("  {:<10} {} ({})", profile.name, profile.title, profile.source));
    console.say("\nColumns: name, score, most new tokens. winnow tasks NAME tells all about a task or a profile; tasks that are "
                "made here are "
                "written by\nwinnow tasks NAME --length N --out F.jsonl.");
}

void tellRule(const Profile& profile, const TaskRule& rule, Console& console)
{
    console.say(fmt::format("\n  under {}:", profile.name));
    for (const ScoreKind* const kind : rule.scores)
        console.say(fmt::format("    score:      {}, {} ({}){}", kind->name, kind->title, kind->source,
                                kind->needsSegmenter ? "; words by jieba's dictionary" : ""));
    console.say(fmt::format("    answer:     {}", cleaningTitle(rule.cleaning)));
    console.say(fmt::format("    new tokens: {}{}", rule.newTokens, rule.stop.empty() ? "" : ", or up to a line feed"));
    console.say(fmt::format("    chat:       {}", chatTitle(rule.chat)));
    console.say(fmt::format("    cut:        {}", cutTitle(rule.cut)));
    console.say(fmt::format("    question:   {}", questionTitle(rule.question)));
    if (!rule.movedLead.empty())
        console.say(fmt::format("    moved:      '{}' from the end of {{input}} to where the answer begins", rule.movedLead));
    if (rule.cutPromptEnd)
        console.say("    prompt:     without blanks at its end");
}

void describeTask(const TaskInfo& task, Console& console)
{
    console.say(fmt::format("{}: {}", task.name, task.summary));
    console.say(fmt::format("  of:     {}, {}", familyTitle(task.family), familySource(task.family)));
    console.say(fmt::format("  file:   {}", familyNeeds(task.family)));
    if (task.generated)
        console.say(fmt::format("  made:   winnow tasks {} --length N --samples K --seed S --out F.jsonl", task.name));
    const std::string prompt = wholePrompt(task.wording);
    console.say(prompt.empty() ? "  prompt: as its file has it"
                               : "  prompt: context, question and what the answer begins with are parted by |");
    if (!prompt.empty())
        console.say(fmt::format("    {}|{}|{}", printable(task.wording.context), printable(task.wording.question),
                                printable(task.wording.lead)));
    for (const Profile& profile : profiles())
        if (const auto rule = ruleOf(profile, task))
            tellRule(profile, *rule, console);
}

void describeProfile(const Profile& profile, Console& console)
{
    console.say(fmt::format("{}: {}", profile.name, profile.title));
    console.say(fmt::format("  source: {}", profile.source));
    console.say(fmt::format("  asks:   {}", profile.asks));
    console.say(fmt::format("  scores: {}", profile.scores));
    if (!profile.note.empty())
        console.say(fmt::format("  beware: {}", profile.note));
    std::vector<std::string_view> names;
    for (const TaskInfo& task : taskCatalog())
        if (ruleOf(profile, task))
            names.push_back(task.name);
    console.say(fmt::format("  tasks:  {}", fmt::join(names, ", ")));
}

Result<void> tell(const std::string& name, Console& console)
{
    if (name.empty())
        listTasks(console);
    else if (const TaskInfo* const task = findTask(name))
        describeTask(*task, console);
    else if (const Profile* const profile = findProfile(name))
        describeProfile(*profile, console);
    else
        return fail(ErrorCode::Usage, "there is no task or profile '{}', did you mean '{}'?", shortPrintable(name, 80),
                    nearestTask(name));
    return {};
}

/// Where the tokens of a text end, without special ones. Tokens that share a character end together.
TokenEnds endsBy(std::shared_ptr<const Tokenizer> tokenizer)
{
    return [tokenizer = std::move(tokenizer)](std::string_view text) -> Result<std::vector<std::size_t>> {
        WINNOW_TRY(const Encoding encoding, tokenizer->encode(text, false));
        std::vector<std::size_t> ends;
        ends.reserve(encoding.offsets.size());
        for (const auto& [begin, end] : encoding.offsets)
            ends.push_back(std::max(ends.empty() ? 0 : ends.back(), static_cast<std::size_t>(end)));
        return ends;
    };
}

Result<std::vector<Example>> makeRulers(const TasksLine& line, const TokenEnds& ends, const JobContext& job)
{
    RulerOptions options{.samples = line.samples, .seed = line.seed};
    if (!line.words.empty()) {
        WINNOW_TRY(const std::string words, readText(line.words, {}, job));
        std::istringstream each(words);
        for (std::string word; each >> word;)
            if (std::ranges::find(options.words, word) == options.words.end())
                options.words.push_back(word);
    }
    const TokenCount count = [&](std::string_view text) -> Result<std::size_t> {
        WINNOW_TRY(const auto found, ends(text));
        return found.size();
    };
    std::vector<Example> all;
    for (const std::size_t length : line.lengths) {
        options.length = length;
        WINNOW_TRY(auto examples, makeRuler(line.name, options, count, job));
        for (Example& example : examples) {
            example.index = all.size();
            all.push_back(std::move(example));
        }
    }
    return all;
}

Result<std::vector<Example>> makeHiddens(const TasksLine& line, const TokenEnds& ends, const JobContext& job)
{
    HayOptions options{.lengths = line.lengths,
                       .depths = evenDepths(line.depths),
                       .samples = line.samples,
                       .seed = line.seed,
                       .needles = line.needles,
                       .question = line.question,
                       .answer = line.answer,
                       .turns = line.turns,
                       .hidden = line.hidden};
    std::string hay = line.hay;
    if (hay.empty()) {
        WINNOW_TRY(const auto texts, sampleTexts());
        hay = texts.front().string();
    }
    WINNOW_TRY(options.hay, readText(hay, {}, job));
    return makeHidden(line.name, options, ends, job);
}

Result<void> make(const TasksLine& line, Console& console)
{
    const TaskInfo* const task = findTask(line.name);
    if (task == nullptr || !task->generated)
        return fail(ErrorCode::Usage, "'{}' is not made here; `winnow tasks` lists those that are",
                    shortPrintable(line.name, 80));
    std::filesystem::path model(line.model);
    if (line.model.empty()) {
        WINNOW_TRY(model, demoModel());
    }
    WINNOW_TRY(const std::filesystem::path place, resolveModel(model));
    WINNOW_TRY(auto tokenizer, Tokenizer::load(place));
    const TokenEnds ends = endsBy(std::move(tokenizer));
    WINNOW_TRY(const auto examples, task->family == TaskFamily::Ruler ? makeRulers(line, ends, console.job())
                                                                      : makeHiddens(line, ends, console.job()));
    std::string text;
    std::size_t least = SIZE_MAX, most = 0;
    for (const Example& example : examples) {
        text += exampleLine(example);
        least = std::min(least, example.length);
        most = std::max(most, example.length);
    }
    WINNOW_TRY_VOID(writeFileAtomically(line.out, text));
    const std::string range =
        (least == most ? "" : grouped(static_cast<std::int64_t>(least)) + " to ") + grouped(static_cast<std::int64_t>(most));
    console.say(fmt::format("wrote {}: {} {} of {}, {} tokens with the answer, counted with {}", line.out, examples.size(),
                            examples.size() == 1 ? "example" : "examples", task->name, range, printable(place.string())));
    return {};
}

} // namespace

void addTasks(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<TasksLine>();
    CLI::App* command = app.add_subcommand("tasks", "List the tasks that are scored, tell all about one, or make its examples");
    command->footer(
        "Examples are lines of JSON in RULER's layout (index, input, answer_prefix, outputs, length) with task, question, "
        "max_new_tokens,\ndepth and seed. The same line makes the same file on every machine.");
    command->add_option("name", line->name, "a task's or a profile's name")->type_name("NAME");
    auto* out = chosen.files.writes(command->add_option("--out", line->out, "F.jsonl: makes examples of the task"),
                                    {{"jsonl", WrittenKind::Examples}});
    out->type_name("FILE");
    const auto onlyMaking = [out](CLI::Option* option) { return option->needs(out); };
    onlyMaking(
        command->add_option("--length", line->lengths, "tokens that prompt and answer may have together; may be repeated (1024)"))
        ->check(CLI::Range(std::size_t{64}, std::size_t{999'999}))
        ->type_name("N")
        ->allow_extra_args(false);
    onlyMaking(command->add_option("--samples", line->samples, "examples of each length, and depth where --depths is given (1)"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{99'999}))
        ->type_name("K");
    onlyMaking(command->add_option("--seed", line->seed, "draws other examples (42)"))->type_name("S");
    onlyMaking(chosen.files.readsModel(command->add_option("--model", line->model, "whose tokenizer counts (the demo model)")))
        ->type_name("PATH");
    onlyMaking(
        command->add_option("--depths", line->depths, "so many depths from 0 to 100 per cent, for what is hidden in prose"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{1001}))
        ->type_name("D");
    onlyMaking(chosen.files.reads(command->add_option("--hay", line->hay, "the prose, any text (a sample text)")))
        ->type_name("FILE");
    onlyMaking(command->add_option("--needle", line->needles, "a sentence to hide; the first is asked for, may be repeated"))
        ->type_name("TEXT")
        ->allow_extra_args(false);
    onlyMaking(command->add_option("--needles", line->hidden, "how many of the usual sentences are hidden (1)"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{8}))
        ->type_name("N");
    onlyMaking(command->add_option("--turns", line->turns, "lists: how many questions about each context (1)"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{8}))
        ->type_name("N");
    onlyMaking(command->add_option("--question", line->question, "what is asked about --needle"))->type_name("TEXT");
    onlyMaking(command->add_option("--answer", line->answer, "what answers --question"))->type_name("TEXT");
    onlyMaking(chosen.files.reads(command->add_option("--words", line->words, "words for cwe, one a line")))->type_name("FILE");
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return line->out.empty() ? tell(line->name, console) : make(*line, console); };
    });
}

} // namespace winnow::cli
