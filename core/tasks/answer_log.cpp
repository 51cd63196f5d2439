// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/answer_log.h"

#include "core/base/check.h"
#include "core/io/file_lock.h"
#include "core/io/mapped_file.h"
#include "core/tasks/answer_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace winnow::tasks {

namespace fs = std::filesystem;

Result<AnswerLog> AnswerLog::open(const fs::path& path)
{
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666));
    if (!file)
        return fail(ErrorCode::Io, "'{}' cannot be written: {}", path.string(), std::strerror(errno));
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return fail(ErrorCode::BadInput, "'{}' is no regular file; answers are appended to one", path.string());
    if (takeWriterLock(file.get()) == LockAnswer::Busy)
        return fail(ErrorCode::Io, "'{}' is being written by another process{}; wait for it, or choose another name",
                    path.string(), lockHolder(path) ? fmt::format(" ({})", *lockHolder(path)) : "");
    AnswerLog log(path, std::move(file));
    WINNOW_TRY_VOID(log.readLines());
    return log;
}

Result<void> AnswerLog::readLines()
{
    WINNOW_TRY(const MappedFile mapped, MappedFile::open(m_path));
    std::string_view text = mapped.text();
    if (!text.empty() && !text.starts_with("{\"winnow\":1,"))
        return fail(ErrorCode::BadInput,
                    "'{}' is there already and holds no answers of Winnow's, so nothing is appended to it; choose another name",
                    m_path.string());
    for (std::size_t number = 1;; ++number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            break;
        auto answer = parseAnswer(text.substr(0, end), {});
        if (!answer)
            return fail(ErrorCode::BadInput, "'{}', line {} {}; mend or remove the line, or choose another name", m_path.string(),
                        number, answer.error().message);
        m_done.insert(answerKey(*answer));
        m_answers.push_back(std::move(*answer));
        m_bytes += end + 1;
        text.remove_prefix(end + 1);
    }
    if (!text.empty() && ::ftruncate(m_file.get(), static_cast<off_t>(m_bytes)) != 0)
        return fail(ErrorCode::Io, "'{}': its unfinished last line cannot be taken back: {}", m_path.string(),
                    std::strerror(errno));
    return {};
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
                m_path.string(), there.id, there.task, what, found, expected);
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
    const std::string line = answerLine(answer);
    const ssize_t written = ::write(m_file.get(), line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) {
        const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
        const bool back = written <= 0 || ::ftruncate(m_file.get(), static_cast<off_t>(m_bytes)) == 0;
        return fail(ErrorCode::NoSpace, "'{}' cannot take the next answer: {}; the {} before it are whole{}", m_path.string(),
                    why, m_done.size(), back ? "" : ", and half a line stands behind them");
    }
    m_bytes += line.size();
    m_done.insert(answerKey(answer));
    m_answers.push_back(answer);
    return {};
}

} // namespace winnow::tasks
