// SPDX-License-Identifier: GPL-3.0-or-later
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

/// The folder that a file at `path` goes to.
std::filesystem::path folderOf(const std::filesystem::path& path);

/// Where a file written to `path` ends up: links are followed, also one that leads to nothing yet. Error: they lead in a circle.
Result<std::filesystem::path> linkTarget(const std::filesystem::path& path);

/// A sentence when no file can be made at `path`, links followed: its folder is missing or not writable, its name is too long, or
/// what stands there is no regular file (a folder, a device, a FIFO, a socket) or is protected against writing.
Result<void> checkWritable(const std::filesystem::path& path);

/// "37.7 MB", in powers of 1,000 as disks are sold.
std::string sizeText(std::uint64_t bytes);

} // namespace winnow
