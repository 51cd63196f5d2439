// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/asked_examples.h"

#include "app/cli/answer_files.h"
#include "core/base/printable.h"

#include <algorithm>
#include <set>

namespace winnow::cli {

using namespace tasks;

namespace {

constexpr std::string_view kDemoTasks[] = {"facts", "lists", "passages", "needle"};

/// The profile by which those who made a task ask it.
const Profile& ownProfile(const TaskInfo& task)
{
    for (const char* const name : {"winnow", "ruler", "longbench", "scbench"})
        if (ruleOf(*findProfile(name), task))
            return *findProfile(name);
    return *findProfile("winnow");
}

Result<const Profile*> profileOf(const ExampleSource& source, const TaskInfo& task)
{
    if (source.profile.empty())
        return &ownProfile(task);
    const Profile* const profile = findProfile(source.profile);
    if (profile == nullptr)
        return fail(ErrorCode::Usage, "there is no profile '{}', did you mean '{}'? `winnow tasks` lists them",
                    shortPrintable(source.profile, 80), nearestProfile(source.profile));
    if (!ruleOf(*profile, task))
        return fail(ErrorCode::Usage, "the profile {} does not ask {}; `winnow tasks {}` tells those that do", profile->name,
                    task.name, task.name);
    return profile;
}

Result<const TaskInfo*> taskNamed(const std::string& name)
{
    const TaskInfo* const task = findTask(name);
    if (task == nullptr)
        return fail(ErrorCode::Usage, "there is no task '{}', did you mean '{}'? `winnow tasks` lists them",
                    shortPrintable(name, 80), nearestTask(name));
    return task;
}

/// Bad lines are told and passed over.
Result<void> takeAsked(AskedSet set, const std::string& where, std::vector<AskedExample>& examples, Console& console)
{
    if (set.examples.empty())
        return fail(ErrorCode::BadInput, "'{}' holds no example that can be asked{}", where,
                    set.bad.empty() ? "; it has no lines"
                                    : fmt::format("; line {} {}", set.bad.front().line, set.bad.front().why));
    tellBad(where, set.bad, console);
    std::ranges::move(set.examples, std::back_inserter(examples));
    return {};
}

/// Of a task that is made here.
Result<void> makeTask(const ExampleSource& source, const std::string& name, std::vector<AskedExample>& examples, Console& console)
{
    WINNOW_TRY(const TaskInfo* const task, taskNamed(name));
    if (!task->generated)
        return fail(ErrorCode::Usage, "the examples of {} are not made here; give its file with --data", task->name);
    WINNOW_TRY(const Profile* const profile, profileOf(source, *task));
    WINNOW_TRY(const auto made, makeExamples(name, source.examples, source.model, console.job(0, 0)));
    std::string text;
    for (const Example& example : made)
        text += exampleLine(example);
    return takeAsked(askExamples(text, {}, *profile), name, examples, console);
}

/// Of a file. Its profile is that of its first line's task.
Result<void> readData(const ExampleSource& source, std::vector<AskedExample>& examples, Console& console)
{
    WINNOW_TRY(const std::string text, readText(source.data, {.most = std::uint64_t{4} << 30}, console.job(0, 0)));
    AnswerSource lines = sourceOf(source.data);
    if (!source.tasks.empty())
        lines.task = source.tasks.front();
    const TaskInfo* task = findTask(lines.task);
    forEachObject(text, [&](std::size_t, const Result<nlohmann::json>& object) {
        if (task == nullptr && object)
            if (const auto answer = answerWithout(*object, lines))
                task = findTask(answer->task);
    });
    WINNOW_TRY(const Profile* const profile, profileOf(source, task != nullptr ? *task : taskCatalog().front()));
    return takeAsked(askExamples(text, lines, *profile), source.data, examples, console);
}

} // namespace

Result<std::vector<AskedExample>> askedExamples(const ExampleSource& source, Console& console)
{
    std::vector<AskedExample> examples;
    if (!source.data.empty()) {
        if (!source.tasks.empty())
            WINNOW_TRY_VOID(taskNamed(source.tasks.front()));
        WINNOW_TRY_VOID(readData(source, examples, console));
    }
    std::vector<std::string> names;
    for (const std::string& task : source.data.empty() ? source.tasks : std::vector<std::string>()) {
        if (task == "demo")
            names.insert(names.end(), std::begin(kDemoTasks), std::end(kDemoTasks));
        else
            names.push_back(task);
    }
    for (const std::string& name : names)
        WINNOW_TRY_VOID(taskNamed(name));
    if (!names.empty())
        WINNOW_TRY_VOID(checkRead(source.examples, names));
    for (const std::string& name : names)
        WINNOW_TRY_VOID(makeTask(source, name, examples, console));
    std::set<std::string> keys;
    for (const AskedExample& example : examples)
        if (example.answer.id.empty() || !keys.insert(answerKey(example.answer)).second)
            return fail(
                ErrorCode::BadInput,
                "two examples of {} have the same id '{}' and turn, so that their answers could not be told apart; number "
                "them in the member 'id'",
                example.answer.task, example.answer.id);
    return examples;
}

Result<std::vector<AskedTurns>> preparedTurns(const AskSession& session, const std::vector<AskedExample>& examples)
{
    std::vector<AskedTurns> all;
    for (std::size_t begin = 0; begin < examples.size();) {
        std::size_t end = begin + 1;
        while (end < examples.size() && sameContext(examples[begin], examples[end]))
            ++end;
        WINNOW_TRY(AskedTurns asked, session.prepare(std::span(examples).subspan(begin, end - begin)));
        all.push_back(std::move(asked));
        begin = end;
    }
    return all;
}

} // namespace winnow::cli
