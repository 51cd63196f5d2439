// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answer_log.h"

#include "core/base/check.h"
#include "core/tasks/answer_reader.h"

#include <map>

namespace winnow::tasks {

namespace fs = std::filesystem;

Result<AnswerLog> AnswerLog::open(const fs::path& path)
{
    AnswerLog log;
    WINNOW_TRY(log.m_lines, LineLog::open(path, {.begins = "{\"winnow\":1,", .what = "answers", .each = "answer"},
                                          [&log](std::string_view line) -> Result<void> {
                                              WINNOW_TRY(Answer answer, parseAnswer(line, {}));
                                              log.m_done.insert(answerKey(answer));
                                              log.m_answers.push_back(std::move(answer));
                                              return {};
                                          }));
    return log;
}

Result<void> AnswerLog::checkPlan(std::span<const Answer> planned) const
{
    std::map<std::string, const Answer*> asked;
    const auto keyOf = [](const Answer& answer) { return fmt::format("{}\x1f{}\x1f{}", answer.task, answer.id, answer.turn); };
    for (const Answer& one : planned)
        asked.emplace(keyOf(one), &one);
    for (const Answer& there : m_answers) {
        const auto other = [&](std::string_view what, const std::string& found, const std::string& expected) {
            return fail(
                ErrorCode::BadInput,
                "'{}' holds answers of another plan: example {} of {} has {} '{}' there and '{}' here; choose another name",
                m_lines->path().string(), there.id, there.task, what, found, expected);
        };
        if (!planned.empty() && there.model != planned.front().model)
            return other("model", there.model, planned.front().model);
        const auto found = asked.find(keyOf(there));
        if (found == asked.end())
            continue;
        const Answer& here = *found->second;
        const auto text = [](const auto& value) { return value ? fmt::format("{}", *value) : std::string("none"); };
        if (there.asked != here.asked)
            return other("the profile", there.asked, here.asked);
        if (there.references != here.references)
            return other("the right answer", there.references.empty() ? "" : there.references.front(),
                         here.references.empty() ? "" : here.references.front());
        if (there.queryAware != here.queryAware)
            return other("query_aware", text(there.queryAware), text(here.queryAware));
        if (there.chatTemplate != here.chatTemplate)
            return other("chat_template", text(there.chatTemplate), text(here.chatTemplate));
        if (there.promptTokens != here.promptTokens)
            return other("prompt_tokens", text(there.promptTokens), text(here.promptTokens));
        if (there.seed != here.seed)
            return other("seed", text(there.seed), text(here.seed));
        if (there.temperature != here.temperature)
            return other("temperature", text(there.temperature), text(here.temperature));
    }
    return {};
}

Result<void> AnswerLog::append(const Answer& answer)
{
    WINNOW_CHECK(!holds(answer), "'{}' was answered before", answer.id);
    WINNOW_TRY_VOID(m_lines->append(answerLine(answer)));
    m_done.insert(answerKey(answer));
    m_answers.push_back(answer);
    return {};
}

} // namespace winnow::tasks
