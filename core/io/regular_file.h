// SPDX-License-Identifier: GPL-3.0-or-later
// Opens regular files only. Pipes and devices are refused at once, without waiting for them.
#pragma once

#include "core/base/result.h"
#include "core/io/file_descriptor.h"

#include <cstdint>
#include <filesystem>

namespace winnow {

struct RegularFile {
    FileDescriptor descriptor; ///< for reading, at byte 0
    std::uint64_t bytes = 0;   ///< as it was when opened
};

/// Opens a regular file. NotFound when there is no such file, BadInput for a folder, a pipe, a device or a file that the kernel
/// makes up (/proc, /sys), Io when the system refuses. Returns at once: nobody needs to write into a pipe first.
Result<RegularFile> openRegular(const std::filesystem::path& path);

/// Whether there is something at `path`. Io where the system does not tell: a name that is too long, a folder that may not be
/// entered.
Result<bool> isPresent(const std::filesystem::path& path);

} // namespace winnow
