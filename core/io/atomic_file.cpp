#include "core/io/atomic_file.h"

#include "core/base/check.h"
#include "core/io/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace winnow {

namespace {

tl::unexpected<Error> failErrno(std::string_view doing, const std::filesystem::path& path)
{
    const int code = errno;
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return fail(ErrorCode::NoSpace, "{} '{}': the disk is full; free some space or choose another place", doing, path.string());
    return fail(ErrorCode::Io, "{} '{}' failed: {}", doing, path.string(), std::strerror(code));
}

/// Closes a file descriptor at the end of a scope.
struct Descriptor {
    int value = -1;
    ~Descriptor()
    {
        if (value >= 0)
            ::close(value);
    }
};

} // namespace

std::filesystem::path partPath(const std::filesystem::path& target)
{
    std::filesystem::path part = target;
    part += ".part";
    return part;
}

AtomicFile::AtomicFile(std::filesystem::path target, std::filesystem::path part)
    : m_target(std::move(target)), m_part(std::move(part))
{
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_target(std::move(other.m_target)), m_part(std::exchange(other.m_part, {}))
{
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept
{
    if (this != &other) {
        discard();
        m_target = std::move(other.m_target);
        m_part = std::exchange(other.m_part, {});
    }
    return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard()
{
    std::error_code ignored;
    if (!m_part.empty())
        std::filesystem::remove(m_part, ignored);
    m_part.clear();
}

Result<AtomicFile> AtomicFile::prepare(const std::filesystem::path& target)
{
    WINNOW_TRY_VOID(checkWritable(target));
    return AtomicFile(target, partPath(target));
}

Result<void> AtomicFile::commit()
{
    WINNOW_CHECK(!m_part.empty(), "'{}' was committed before", m_target.string());
    std::error_code unknown;
    if (std::filesystem::exists(m_target, unknown)) {
        const Descriptor file{::open(m_part.c_str(), O_RDONLY | O_CLOEXEC)};
        if (file.value < 0 || ::fsync(file.value) != 0)
            return failErrno("writing", m_part);
    }
    if (::rename(m_part.c_str(), m_target.c_str()) != 0)
        return failErrno("replacing", m_target);
    m_part.clear();
    return {};
}

Result<void> writeFileAtomically(const std::filesystem::path& target, std::string_view content)
{
    WINNOW_TRY(AtomicFile file, AtomicFile::prepare(target));
    {
        const Descriptor out{::open(file.part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
        if (out.value < 0)
            return failErrno("creating", file.part());
        while (!content.empty()) {
            const ssize_t written = ::write(out.value, content.data(), content.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                return failErrno("writing", file.part());
            content.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    return file.commit();
}

} // namespace winnow
