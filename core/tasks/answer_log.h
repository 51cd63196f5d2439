// SPDX-License-Identifier: GPL-3.0-or-later
// The file that a run writes its answers to, line by line, so that a run that was stopped goes on where it ended.
#pragma once

#include "core/io/file_descriptor.h"
#include "core/tasks/answer.h"

#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <vector>

namespace winnow::tasks {

/// Owns the file for one process. A line is appended whole or not at all: what a write could not finish is taken back, and what a
/// killed run left of its last line is taken back on opening. Not thread-safe.
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
    AnswerLog(std::filesystem::path path, FileDescriptor file) : m_path(std::move(path)), m_file(std::move(file)) {}
    Result<void> readLines();

    std::filesystem::path m_path;
    FileDescriptor m_file;
    std::uint64_t m_bytes = 0; ///< whole lines
    std::vector<Answer> m_answers;
    std::set<std::string> m_done;
};

} // namespace winnow::tasks
