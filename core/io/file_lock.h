// SPDX-License-Identifier: GPL-3.0-or-later
// Which process writes a file: locks that end with their process, however it ends.
#pragma once

#include "core/io/file_descriptor.h"

#include <filesystem>
#include <optional>

#include <sys/types.h>

namespace winnow {

enum class LockAnswer {
    Taken,
    Busy,    ///< another descriptor holds it, of this process or of another
    Unknown, ///< this file system has no locks
};

/// Takes the writer's lock of an open file if no one else holds it. Readers are not kept out, and HDF5's own locks are others
/// (but for network file systems, where this one still lets readers in). Never waits.
LockAnswer takeWriterLock(int descriptor);

/// The process that holds the writer's lock of `path`, as far as /proc tells.
std::optional<pid_t> lockHolder(const std::filesystem::path& path);

} // namespace winnow
