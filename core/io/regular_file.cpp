// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/regular_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace winnow {

namespace {

/// File systems whose files are made while they are read; some never end, reading others has effects.
constexpr std::array<long, 6> kMadeUp{PROC_SUPER_MAGIC, SYSFS_MAGIC,      DEBUGFS_MAGIC,
                                      TRACEFS_MAGIC,    SECURITYFS_MAGIC, CGROUP2_SUPER_MAGIC};

} // namespace

Result<RegularFile> openRegular(const std::filesystem::path& path)
{
    FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (descriptor.get() < 0) {
        const int why = errno;
        if (why == ENOENT || why == ENOTDIR)
            return fail(ErrorCode::NotFound, "'{}' does not exist", path.string());
        return fail(ErrorCode::Io, "'{}' cannot be opened: {}", path.string(), std::strerror(why));
    }
    struct stat status {};
    struct statfs system {};
    if (::fstat(descriptor.get(), &status) != 0 || ::fstatfs(descriptor.get(), &system) != 0)
        return fail(ErrorCode::Io, "'{}' cannot be examined: {}", path.string(), std::strerror(errno));
    const bool madeUp = std::ranges::find(kMadeUp, static_cast<long>(system.f_type)) != kMadeUp.end();
    if (!S_ISREG(status.st_mode) || madeUp)
        return fail(ErrorCode::BadInput, "'{}' is {}, a file was expected", path.string(),
                    S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
    return RegularFile{std::move(descriptor), static_cast<std::uint64_t>(status.st_size)};
}

Result<bool> isPresent(const std::filesystem::path& path)
{
    std::error_code error;
    const std::filesystem::file_type type = std::filesystem::status(path, error).type();
    if (type == std::filesystem::file_type::none || type == std::filesystem::file_type::unknown)
        return fail(ErrorCode::Io, "'{}' cannot be opened: {}", path.string(), error.message());
    return type != std::filesystem::file_type::not_found;
}

} // namespace winnow
