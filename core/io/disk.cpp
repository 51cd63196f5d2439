#include "core/io/disk.h"

#include <unistd.h>

#include <system_error>

namespace winnow {

namespace {

/// The folder that a new file at `path` goes to.
std::filesystem::path folderOf(const std::filesystem::path& path)
{
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

} // namespace

Result<std::uint64_t> freeBytes(const std::filesystem::path& path)
{
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folderOf(path), error);
    if (error)
        return fail(ErrorCode::Io, "the free space of '{}' cannot be found out: {}", folderOf(path).string(), error.message());
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
    if (std::filesystem::is_directory(path, error))
        return fail(ErrorCode::BadInput, "'{}' is a folder; give the name of a file in it", path.string());
    const std::filesystem::path folder = folderOf(path);
    if (!std::filesystem::exists(folder, error))
        return fail(ErrorCode::NotFound, "'{}' cannot be written: the folder '{}' does not exist", path.string(), folder.string());
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
