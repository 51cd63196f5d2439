// SPDX-License-Identifier: GPL-3.0-or-later
// winnow tasks: which benchmarks are scored here, how, and what their files must hold.
#include "app/cli/commands.h"
#include "core/base/printable.h"
#include "core/tasks/profiles.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

namespace winnow::cli {

namespace {

using namespace tasks;

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
                const bool refused = scoreKind(task.score).judge == nullptr;
                console.say(fmt::format("  {:<{}}  {:<18} {:>4}  {}{}", task.name, width, task.score, task.newTokens,
                                        task.summary,
                                        task.generated ? "; made here"
                                        : refused      ? "; not scored here"
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
                                kind->judge == nullptr ? fmt::format("; not to be had: {}", kind->needs) : ""));
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
        return fail(ErrorCode::NotFound, "there is no task or profile '{}', did you mean '{}'?", shortPrintable(name, 80),
                    nearestTask(name));
    return {};
}

} // namespace

void addTasks(CLI::App& app, Chosen& chosen)
{
    auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("tasks", "List the tasks that are scored, or tell all about one");
    command->add_option("name", *name, "a task's or a profile's name")->type_name("NAME");
    command->callback([name, &chosen] { chosen.work = [name](Console& console) { return tell(*name, console); }; });
}

} // namespace winnow::cli
