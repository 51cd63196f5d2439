// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/disk.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <system_error>

namespace winnow {

namespace {

const char* kindOf(mode_t mode)
{
    return S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/// What stands at `path` already.
Result<void> checkThere(const std::filesystem::path& path)
{
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return {};
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::BadInput, "'{}' is a folder; give the name of a file in it", path.string());
    if (!S_ISREG(status.st_mode))
        return fail(ErrorCode::BadInput, "'{}' is {} and no file, so nothing is written there; choose another name",
                    path.string(), kindOf(status.st_mode));
    constexpr mode_t kWritable = S_IWUSR | S_IWGRP | S_IWOTH;
    if ((status.st_mode & kWritable) == 0 || ::access(path.c_str(), W_OK) != 0) // root may always; nobody may means: keep this
        return fail(ErrorCode::Io,
                    "'{}' is there already and may not be written to; choose another name, or change its permissions",
                    path.string());
    return {};
}

} // namespace

std::filesystem::path folderOf(const std::filesystem::path& path)
{
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Result<std::filesystem::path> linkTarget(const std::filesystem::path& path)
{
    constexpr int kMostLinks = 40; // as the system has it
    std::filesystem::path place = path;
    std::error_code error;
    for (int links = 0; links < kMostLinks; ++links) {
        if (!std::filesystem::is_symlink(std::filesystem::symlink_status(place, error)))
            return place;
        const std::filesystem::path next = std::filesystem::read_symlink(place, error);
        if (error)
            return fail(ErrorCode::Io, "the link '{}' cannot be read: {}", place.string(), error.message());
        place = place.parent_path() / next; // an absolute one takes the place of all
    }
    return fail(ErrorCode::BadInput, "'{}' is a link that leads in a circle; choose another name", path.string());
}

Result<std::uint64_t> freeBytes(const std::filesystem::path& path)
{
    std::error_code error;
    WINNOW_TRY(const std::filesystem::path target, linkTarget(path));
    const std::filesystem::space_info space = std::filesystem::space(folderOf(target), error);
    if (error)
        return fail(ErrorCode::Io, "the free space of '{}' cannot be found out: {}", folderOf(target).string(), error.message());
    return space.available;
}

Result<void> checkSpace(const std::filesystem::path& path, std::uint64_t needed, std::uint64_t free)
{
    if (needed <= free)
        return {};
    return fail(ErrorCode::NoSpace, "'{}' would take {}, and its disk has {} left; free some space or choose another place",
                path.string(), sizeText(needed), sizeText(free));
}

Result<void> checkWritable(const std::filesystem::path& path)
{
    std::error_code error;
    if (path.empty() || !path.has_filename())
        return fail(ErrorCode::BadInput, "'{}' names no file; give the name of the file to write", path.string());
    WINNOW_TRY_VOID(checkThere(path));
    WINNOW_TRY(const std::filesystem::path target, linkTarget(path));
    if (target.filename().native().size() > NAME_MAX)
        return fail(ErrorCode::BadInput, "a name has {} bytes at most and this one {}: '{}'; choose a shorter one", NAME_MAX,
                    target.filename().native().size(), target.string());
    const std::filesystem::path folder = folderOf(target);
    if (!std::filesystem::exists(folder, error))
        return fail(ErrorCode::NotFound, "'{}' cannot be written: the folder '{}' does not exist", path.string(),
                    folder.string());
    if (!std::filesystem::is_directory(folder, error))
        return fail(ErrorCode::BadInput, "'{}' cannot be written: '{}' is not a folder", path.string(), folder.string());
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        return fail(ErrorCode::Io, "'{}' cannot be written: the folder '{}' is not writable", path.string(), folder.string());
    return {};
}

std::string sizeText(std::uint64_t bytes)
{
    static constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.95 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

} // namespace winnow
