// Space on disks, and whether a place can be written to.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace winnow {

/// Bytes that this user may still write to the disk that holds (or would hold) `path`.
Result<std::uint64_t> freeBytes(const std::filesystem::path& path);

/// Stands for freeBytes where a test wants another disk.
using FreeBytes = std::function<Result<std::uint64_t>(const std::filesystem::path&)>;

/// Error NoSpace, with both numbers, unless `needed` bytes (and a little more) fit.
Result<void> checkSpace(const std::filesystem::path& path, std::uint64_t needed, std::uint64_t free);

/// A sentence when a file cannot be made at `path`: its folder is missing or not writable, or a folder stands there.
Result<void> checkWritable(const std::filesystem::path& path);

/// "37.7 MB", in powers of 1,000 as disks are sold.
std::string sizeText(std::uint64_t bytes);

} // namespace winnow
