// SPDX-License-Identifier: GPL-3.0-or-later
// The file that a run writes its answers to, line by line, so that a run that was stopped goes on where it ended.
#pragma once

#include "core/io/line_log.h"
#include "core/tasks/answer.h"

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace winnow::tasks {

/// Owns the file for one process, as LineLog does. Not thread-safe.
class AnswerLog {
public:
    /// Makes the file, or opens one that Winnow wrote. Refused: a file of another kind, a line that is no answer (named by its
    /// number), a file that another process writes.
    static Result<AnswerLog> open(const std::filesystem::path& path);

    std::size_t count() const { return m_done.size(); }
    /// All that the file holds, in its order.
    const std::vector<Answer>& answers() const { return m_answers; }
    /// Whether a run that asks `planned` (answers without series and prediction) may go on with this file. An error where it
    /// holds answers of another model, or to these examples asked in another way.
    Result<void> checkPlan(std::span<const Answer> planned) const;
    /// Whether this example of this series was answered before.
    bool holds(const Answer& answer) const { return m_done.contains(answerKey(answer)); }

    /// A contract check: holds(answer) is false. After an error the file is as it was.
    Result<void> append(const Answer& answer);

private:
    AnswerLog() = default;

    std::optional<LineLog> m_lines; ///< there once the file is open
    std::vector<Answer> m_answers;
    std::set<std::string> m_done;
};

} // namespace winnow::tasks
