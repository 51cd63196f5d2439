// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"

#include "core/base/check.h"
#include "core/io/disk.h"
#include "core/io/folder_entries.h"
#include "core/io/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

namespace winnow {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPart = ".part", kOwnPart = ".winnow-part";
constexpr std::size_t kTag = 8;                                      ///< hexadecimal digits
constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK; ///< neither a link nor a FIFO can catch us

tl::unexpected<Error> failErrno(std::string_view doing, const fs::path& path)
{
    const int code = errno;
    if (code == ENOSPC || code == EDQUOT)
        return fail(ErrorCode::NoSpace, "{} '{}': the disk is full; free some space or choose another place", doing,
                    path.string());
    if (code == EFBIG)
        return fail(ErrorCode::NoSpace, "{} '{}': it grew beyond the largest size that a file may have here (ulimit -f)", doing,
                    path.string());
    return fail(ErrorCode::Io, "{} '{}' failed: {}", doing, path.string(), std::strerror(code));
}

std::string tagOf(std::size_t number) { return fmt::format("{:08x}", static_cast<std::uint32_t>(number)); }

/// At most `most` bytes of `name`, which end where a character does.
std::string cutName(const std::string& name, std::size_t most)
{
    std::size_t end = std::min(name.size(), most);
    while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
        --end;
    return name.substr(0, end);
}

/// What the names of all own part files of `target` begin with.
std::string ownPrefix(const fs::path& target)
{
    return cutName(target.filename().string(), NAME_MAX - 1 - kTag - kOwnPart.size()) + ".";
}

/// Whether `path` still leads to the open file, and not to one that took its place.
bool isStill(const fs::path& path, int descriptor)
{
    struct stat named {
    }, open{};
    return ::lstat(path.c_str(), &named) == 0 && ::fstat(descriptor, &open) == 0 && named.st_dev == open.st_dev &&
           named.st_ino == open.st_ino;
}

/// Removes the own part files of writers of `target` that are dead.
void sweep(const fs::path& target)
{
    const std::string prefix = ownPrefix(target);
    for (const fs::path& entry : folderEntries(folderOf(target))) {
        const std::string name = entry.filename().string();
        if (name.size() != prefix.size() + kTag + kOwnPart.size() || !name.starts_with(prefix) || !name.ends_with(kOwnPart))
            continue;
        const FileDescriptor file(::open(entry.c_str(), kFlags));
        struct stat status {};
        if (file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
            takeWriterLock(file.get()) == LockAnswer::Taken && isStill(entry, file.get()))
            ::unlink(entry.c_str());
    }
}

/// The file that a new one will replace.
std::optional<struct stat> oldFile(const fs::path& target)
{
    struct stat status {};
    return ::stat(target.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

/// An exclusively made file; with the owner and mode of `old`. An empty descriptor and errno where it cannot be made.
FileDescriptor makeFile(const fs::path& path, const std::optional<struct stat>& old)
{
    FileDescriptor file(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, old ? 0600 : 0666));
    if (!file || !old)
        return file;
    if (::fchown(file.get(), old->st_uid, old->st_gid) != 0 && ::fchown(file.get(), static_cast<uid_t>(-1), old->st_gid) != 0)
        errno = 0; // another user's file: the new one is ours
    if (::fchmod(file.get(), old->st_mode & 07777U) != 0) {
        const int why = errno;
        ::unlink(path.c_str());
        errno = why;
        return {};
    }
    return file;
}

tl::unexpected<Error> failBusy(const fs::path& target, const fs::path& part)
{
    const auto holder = lockHolder(part);
    return fail(ErrorCode::Io, "'{}' is being recorded already, by {} into '{}'; wait for it, or choose another name",
                target.string(), holder ? fmt::format("process {}", *holder) : "another program", part.filename().string());
}

} // namespace

fs::path partPath(const fs::path& target)
{
    const std::string name = target.filename().string();
    if (name.size() + kPart.size() <= NAME_MAX)
        return target.parent_path() / fmt::format("{}{}", name, kPart);
    const std::string tag = fmt::format("~{}", tagOf(std::hash<std::string>()(name)));
    return target.parent_path() / fmt::format("{}{}{}", cutName(name, NAME_MAX - kPart.size() - tag.size()), tag, kPart);
}

AtomicFile::AtomicFile(fs::path target, fs::path part, FileDescriptor file, bool made)
    : m_target(std::move(target)), m_part(std::move(part)), m_file(std::move(file)), m_made(made)
{
    if (m_made && !m_part.empty())
        m_mark = HalfMade(m_part);
}

void AtomicFile::own(FileDescriptor file)
{
    m_file = std::move(file);
    m_made = static_cast<bool>(m_file);
    if (m_made)
        m_mark = HalfMade(m_part);
}

void AtomicFile::disown()
{
    m_part.clear();
    m_mark = HalfMade();
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_target(std::move(other.m_target)), m_part(std::exchange(other.m_part, {})), m_file(std::move(other.m_file)),
      m_made(other.m_made), m_mark(std::move(other.m_mark))
{
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept
{
    if (this != &other) {
        discard();
        m_target = std::move(other.m_target);
        m_part = std::exchange(other.m_part, {});
        m_file = std::move(other.m_file);
        m_made = other.m_made;
        m_mark = std::move(other.m_mark);
    }
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard()
{
    std::error_code ignored;
    if (!m_part.empty() && m_made)
        fs::remove(m_part, ignored);
    disown();
    m_file = FileDescriptor();
}

Result<AtomicFile> AtomicFile::prepare(const fs::path& asked)
{
    WINNOW_TRY_VOID(checkWritable(asked));
    WINNOW_TRY(const fs::path target, linkTarget(asked));
    sweep(target);
    const std::string prefix = ownPrefix(target);
    std::random_device random;
    for (int attempt = 0;; ++attempt) {
        const fs::path part = target.parent_path() / fmt::format("{}{}{}", prefix, tagOf(random()), kOwnPart);
        AtomicFile made(target, part, FileDescriptor(), false); // whole before the file is there: nothing between asks for memory
        made.own(makeFile(part, oldFile(target)));
        if (!made.m_file && errno == EEXIST && attempt < 100)
            continue;
        if (!made.m_file)
            return failErrno("creating", target);
        // Busy: another writer just took it for one that a dead one left.
        if (takeWriterLock(made.m_file.get()) != LockAnswer::Busy && isStill(part, made.m_file.get()))
            return made;
        if (attempt == 100)
            return fail(ErrorCode::Io, "'{}' was removed while it was being made; try again", part.string());
    }
}

Result<AtomicFile> AtomicFile::claim(const fs::path& asked)
{
    WINNOW_TRY_VOID(checkWritable(asked));
    WINNOW_TRY(const fs::path target, linkTarget(asked));
    for (int attempt = 0;; ++attempt) {
        auto claimed = claimOnce(target);
        if (!claimed || !claimed->m_part.empty())
            return claimed;
        if (attempt == 100)
            return failBusy(target, partPath(target));
    }
}

/// Without a part file where another writer changed what is there meanwhile.
Result<AtomicFile> AtomicFile::claimOnce(const fs::path& target)
{
    const fs::path part = partPath(target);
    AtomicFile made(target, part, FileDescriptor(), false);
    made.own(makeFile(part, oldFile(target)));
    if (made.m_file) {
        if (takeWriterLock(made.m_file.get()) == LockAnswer::Busy || !isStill(part, made.m_file.get()))
            made.disown();
        return made;
    }
    if (errno != EEXIST)
        return failErrno("creating", part);
    struct stat status {};
    FileDescriptor file(::open(part.c_str(), kFlags));
    if (!file && errno == ENOENT)
        return AtomicFile(target, {}, {}, true);
    if (!file && errno != ELOOP && errno != EISDIR && errno != ENXIO) // a link, a folder, a socket
        return failErrno("opening", part);
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCode::BadInput,
                    "'{}' is in the way: the recording would grow there, and it is a link or no regular file; move it away or "
                    "choose another name",
                    part.string());
    switch (takeWriterLock(file.get())) {
    case LockAnswer::Busy:
        return failBusy(target, part);
    case LockAnswer::Unknown:
        return fail(
            ErrorCode::Io,
            "'{}' is there already, and this file system does not tell whether it is still being written; remove it if not",
            part.string());
    case LockAnswer::Taken:
        break;
    }
    if (!isStill(part, file.get()))
        return AtomicFile(target, {}, {}, true);
    if (status.st_size > 0 && writtenKind(part) != WrittenKind::Trace)
        return fail(ErrorCode::BadInput,
                    "'{}' is in the way: the recording would grow there, and it is none that was cut short; move it away or "
                    "choose another name",
                    part.string());
    return AtomicFile(target, part, std::move(file), status.st_size == 0);
}

Result<void> AtomicFile::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failErrno("writing", m_target);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> AtomicFile::takeIn(AtomicFile next)
{
    WINNOW_CHECK(next.m_target == m_part, "'{}' was prepared for '{}', not for '{}'", next.m_part.string(),
                 next.m_target.string(), m_part.string());
    if (::rename(next.m_part.c_str(), m_part.c_str()) != 0)
        return failErrno("replacing", m_part);
    next.disown();
    own(std::move(next.m_file));
    return {};
}

Result<void> AtomicFile::commit()
{
    WINNOW_CHECK(!m_part.empty(), "'{}' was committed before", m_target.string());
    if (const auto old = oldFile(m_target)) {
        if (::fchmod(m_file.get(), old->st_mode & 07777U) != 0 || ::fsync(m_file.get()) != 0)
            return failErrno("writing", m_target);
    }
    if (::rename(m_part.c_str(), m_target.c_str()) != 0)
        return failErrno("replacing", m_target);
    disown();
    m_file = FileDescriptor();
    return {};
}

Result<void> writeFileAtomically(const fs::path& target, std::string_view content)
{
    WINNOW_TRY(AtomicFile file, AtomicFile::prepare(target));
    WINNOW_TRY_VOID(file.write(content));
    return file.commit();
}

Result<void> copyFileAtomically(const fs::path& from, const fs::path& target)
{
    WINNOW_TRY(AtomicFile file, AtomicFile::prepare(target));
    const FileDescriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!source)
        return failErrno("opening", from);
    std::string block(1 << 20, '\0');
    for (;;) {
        const ssize_t got = ::read(source.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failErrno("reading", from);
        if (got == 0)
            return file.commit();
        WINNOW_TRY_VOID(file.write(std::string_view(block).substr(0, static_cast<std::size_t>(got))));
    }
}

} // namespace winnow
