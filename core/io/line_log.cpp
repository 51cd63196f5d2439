// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/line_log.h"

#include "core/io/file_lock.h"
#include "core/io/mapped_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace winnow {

namespace fs = std::filesystem;

Result<LineLog> LineLog::open(const fs::path& path, const LineLogKind& kind,
                              const std::function<Result<void>(std::string_view line)>& take)
{
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666));
    if (!file)
        return fail(ErrorCode::Io, "'{}' cannot be written: {}", path.string(), std::strerror(errno));
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return fail(ErrorCode::BadInput, "'{}' is no regular file; {} are appended to one", path.string(), kind.what);
    if (takeWriterLock(file.get()) == LockAnswer::Busy)
        return fail(ErrorCode::Io, "'{}' is being written by another process{}; wait for it, or choose another name",
                    path.string(), lockHolder(path) ? fmt::format(" ({})", *lockHolder(path)) : "");
    LineLog log(path, kind, std::move(file));
    WINNOW_TRY_VOID(log.readLines(take));
    return log;
}

Result<void> LineLog::readLines(const std::function<Result<void>(std::string_view line)>& take)
{
    WINNOW_TRY(const MappedFile mapped, MappedFile::open(m_path));
    std::string_view text = mapped.text();
    // Of a file whose very first line was not finished, only its beginning may be there.
    if (!text.empty() && !text.starts_with(m_kind.begins) && !m_kind.begins.starts_with(text))
        return fail(ErrorCode::BadInput,
                    "'{}' is there already and holds no {} of Winnow's, so nothing is appended to it; choose another name",
                    m_path.string(), m_kind.what);
    for (std::size_t number = 1;; ++number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            break;
        if (const auto taken = take(text.substr(0, end)); !taken)
            return fail(ErrorCode::BadInput, "'{}', line {} {}; mend or remove the line, or choose another name", m_path.string(),
                        number, taken.error().message);
        m_count = number;
        m_bytes += end + 1;
        text.remove_prefix(end + 1);
    }
    if (!text.empty() && take(text)) { // whole but for its end: no part of an object is an object
        m_bytes += text.size();
        return append("\n");
    }
    if (!text.empty() && ::ftruncate(m_file.get(), static_cast<off_t>(m_bytes)) != 0)
        return fail(ErrorCode::Io, "'{}': its unfinished last line cannot be taken back: {}", m_path.string(),
                    std::strerror(errno));
    return {};
}

Result<void> LineLog::append(std::string_view line)
{
    const ssize_t written = ::write(m_file.get(), line.data(), line.size());
    if (written != static_cast<ssize_t>(line.size())) {
        const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
        const bool back = written <= 0 || ::ftruncate(m_file.get(), static_cast<off_t>(m_bytes)) == 0;
        return fail(ErrorCode::NoSpace, "'{}' cannot take the next {}: {}; the {} before it are whole{}", m_path.string(),
                    m_kind.each, why, m_count, back ? "" : ", and half a line stands behind them");
    }
    m_bytes += line.size();
    ++m_count;
    return {};
}

} // namespace winnow
