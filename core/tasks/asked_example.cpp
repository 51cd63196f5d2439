// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/asked_example.h"

#include "core/io/json_members.h"
#include "core/tasks/score_kinds.h"
#include "core/tasks/turns.h"

#include <algorithm>

namespace winnow::tasks {

namespace {

using nlohmann::json;

/// Every "{name}" of a wording replaced by that text of the example, once, so that braces in the data stay.
Result<std::string> filled(std::string_view wording, const json& example)
{
    std::string text;
    for (std::size_t at = 0; at < wording.size();) {
        const std::size_t open = std::min(wording.find('{', at), wording.size());
        text += wording.substr(at, open - at);
        if (open == wording.size())
            break;
        const std::size_t close = wording.find('}', open);
        const std::string name(wording.substr(open + 1, close - open - 1));
        const json& value = member(example, name.c_str());
        if (!value.is_string())
            return fail(ErrorCode::BadInput, "holds no text '{}', which its prompt needs", name);
        text += value.get<std::string>();
        at = close + 1;
    }
    return text;
}

/// The wording's text before its first field.
std::string_view opening(std::string_view wording) { return wording.substr(0, wording.find('{')); }

Result<void> fromWording(const json& example, const TaskInfo& task, AskedExample& asked)
{
    json fields = example;
    const std::string_view moved = asked.rule.movedLead;
    std::string input = textOf(example, "input");
    if (!moved.empty() && input.ends_with(moved)) {
        input.resize(input.size() - moved.size());
        fields["input"] = input;
        asked.lead = moved;
    }
    if (task.family == TaskFamily::LongBench2) // its own code strips what it puts in
        for (const char* const name : {"context", "question", "choice_A", "choice_B", "choice_C", "choice_D"})
            if (fields.contains(name) && fields[name].is_string())
                fields[name] = utf8Of(stripped(charactersOf(fields[name].get<std::string>())));
    WINNOW_TRY(asked.context, filled(task.wording.context, fields));
    WINNOW_TRY(asked.question, filled(task.wording.question, fields));
    WINNOW_TRY(const std::string lead, filled(task.wording.lead, fields));
    asked.lead = lead + asked.lead;
    return {};
}

/// RULER's own files do not part the question from the input: it begins where its wording last does.
void fromInput(const json& example, const TaskInfo& task, AskedExample& asked)
{
    asked.context = textOf(example, "input");
    asked.lead = textOf(example, "answer_prefix");
    const std::string told = textOf(example, "question");
    std::size_t at = asked.context.size() - std::min(told.size(), asked.context.size());
    if (told.empty() || asked.context.substr(at) != told)
        at = task.wording.question.empty() ? std::string::npos : asked.context.rfind(opening(task.wording.question));
    if (at != std::string::npos && at < asked.context.size()) {
        asked.question = asked.context.substr(at);
        asked.context.resize(at);
    }
}

/// Whether a score of the rule is a number where no right answer is known, as LongBench's then are 0.
bool scoresWithoutAnswer(const TaskRule& rule)
{
    return std::ranges::any_of(rule.scores, [](const ScoreKind* kind) {
        return kind->needsSegmenter || kind->judge({.prediction = {}, .references = {}, .classes = {}}).has_value();
    });
}

Result<AskedExample> ask(const json& example, const AnswerSource& source, const Profile& profile)
{
    AskedExample asked;
    WINNOW_TRY(asked.answer, answerWithout(example, source));
    const TaskInfo& task = *findTask(asked.answer.task);
    auto rule = ruleOf(profile, task, isShortened(asked.answer.task));
    if (!rule)
        return fail(ErrorCode::BadInput, "is an example of {}, which {} does not ask", task.name, profile.name);
    if (task.score == "classification" && asked.answer.classes.empty())
        return fail(ErrorCode::BadInput, "lacks the names of all classes (all_classes), by which {} is scored", task.name);
    if (asked.answer.references.empty() && !scoresWithoutAnswer(*rule))
        return fail(ErrorCode::BadInput, "holds an empty list of right answers, so that nothing could score what is said");
    asked.rule = std::move(*rule);
    asked.answer.asked = profile.name;
    const bool parted = member(example, "context").is_string() && member(example, "answer_prefix").is_string();
    if (parted) {
        asked.context = textOf(example, "context");
        asked.question = textOf(example, "question");
        asked.lead = textOf(example, "answer_prefix");
    } else if (member(example, "answer_prefix").is_string() ||
               (task.family == TaskFamily::Ruler && !textOf(example, "input").empty())) { // its older files have it in the input
        fromInput(example, task, asked);
    } else if (task.wording.context.empty() || task.family == TaskFamily::Ruler) {
        return fail(ErrorCode::BadInput,
                    "holds no prompt: expected 'input' and 'answer_prefix', or 'context', 'question' and 'answer_prefix'");
    } else {
        WINNOW_TRY_VOID(fromWording(example, task, asked));
    }
    if (asked.rule.cutPromptEnd) {
        std::string* const last = !asked.lead.empty() ? &asked.lead : !asked.question.empty() ? &asked.question : &asked.context;
        last->resize(last->find_last_not_of(" \t\r\n") + 1);
    }
    return asked;
}

} // namespace

AskedSet askExamples(std::string_view text, const AnswerSource& source, const Profile& profile)
{
    AskedSet set;
    forEachObject(text, [&](std::size_t line, const Result<json>& object) {
        const auto turns = object ? turnsOf(*object) : Result<std::vector<json>>(tl::unexpected<Error>(object.error()));
        if (!turns) {
            set.bad.push_back({line, turns.error().message});
            return;
        }
        for (const json& turn : *turns) {
            auto asked = ask(turn, source, profile);
            if (!asked) {
                set.bad.push_back({line, asked.error().message});
                return;
            }
            if (asked->answer.id.empty())
                asked->answer.id = fmt::format("line {}", line); // a stopped run goes on by it
            set.examples.push_back(std::move(*asked));
        }
    });
    return set;
}

} // namespace winnow::tasks
