// SPDX-License-Identifier: GPL-3.0-or-later
// A file of lines that one process appends to, so that work that was stopped goes on where it ended.
#pragma once

#include "core/base/result.h"
#include "core/io/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace winnow {

/// What a file of lines holds.
struct LineLogKind {
    std::string_view begins; ///< every such file begins so, unless it is empty
    std::string_view what;   ///< "answers"
    std::string_view each;   ///< "answer"
};

/// Owns the file for one process. A line is appended whole or not at all: what a write could not finish is taken back, and what a
/// killed process left of its last line is taken back on opening, unless only its end is missing. Not thread-safe.
class LineLog {
public:
    /// Makes the file, or opens one. `take` sees every whole line, without its end; its error is the rest of a sentence that
    /// begins with the line. Refused: a file of another kind, a line that `take` refuses, a file that another process writes.
    static Result<LineLog> open(const std::filesystem::path& path, const LineLogKind& kind,
                                const std::function<Result<void>(std::string_view line)>& take);

    const std::filesystem::path& path() const { return m_path; }
    /// Lines.
    std::size_t count() const { return m_count; }

    /// `line` with its end. After an error the file is as it was.
    Result<void> append(std::string_view line);

private:
    LineLog(std::filesystem::path path, const LineLogKind& kind, FileDescriptor file)
        : m_path(std::move(path)), m_kind(kind), m_file(std::move(file))
    {
    }
    Result<void> readLines(const std::function<Result<void>(std::string_view line)>& take);

    std::filesystem::path m_path;
    LineLogKind m_kind;
    FileDescriptor m_file;
    std::uint64_t m_bytes = 0; ///< whole lines
    std::size_t m_count = 0;
};

} // namespace winnow
