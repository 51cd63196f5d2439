// SPDX-License-Identifier: GPL-3.0-or-later
// winnow tasks: which benchmarks are scored here, how, and what their files must hold.
#include "app/cli/commands.h"
#include "app/cli/resources.h"
#include "app/cli/task_examples.h"
#include "core/base/printable.h"
#include "core/io/atomic_file.h"
#include "core/tasks/profiles.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>

namespace winnow::cli {

namespace {

using namespace tasks;

struct TasksLine {
    std::string name, model, out;
    ExampleLine examples;
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

Result<void> make(const TasksLine& line, Console& console)
{
    std::filesystem::path model(line.model);
    if (line.model.empty()) {
        WINNOW_TRY(model, demoModel());
    }
    if (findTask(line.name) != nullptr)
        WINNOW_TRY_VOID(checkRead(line.examples, std::span(&line.name, 1)));
    WINNOW_TRY(const auto examples, makeExamples(line.name, line.examples, model, console.job()));
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
                            examples.size() == 1 ? "example" : "examples", line.name, range, printable(model.string())));
    return {};
}

} // namespace

void addTasks(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<TasksLine>();
    CLI::App* command = app.add_subcommand("tasks", "List the benchmark tasks, describe one, or make examples of it");
    command->footer(
        "Examples are lines of JSON in RULER's layout (index, input, answer_prefix, outputs, length) with task, question, "
        "max_new_tokens,\ndepth and seed. The same line makes the same file on every machine.");
    command->add_option("name", line->name, "a task's or a profile's name")->type_name("NAME");
    auto* out = chosen.files.writes(command->add_option("--out", line->out, "F.jsonl: makes examples of the task"),
                                    {{"jsonl", WrittenKind::Examples}});
    out->type_name("FILE");
    const auto onlyMaking = [out](CLI::Option& option) { option.needs(out); };
    onlyMaking(*chosen.files
                    .readsModel(command->add_option("--model", line->model,
                                                    "the model whose tokenizer counts the tokens (the demo model)"))
                    ->type_name("PATH"));
    addExampleOptions(*command, chosen.files, line->examples, onlyMaking);
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return line->out.empty() ? tell(line->name, console) : make(*line, console); };
    });
}

} // namespace winnow::cli
