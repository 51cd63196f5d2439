// SPDX-License-Identifier: GPL-3.0-or-later
// A child process looks through an HDF5 file before this process opens it: libhdf5 crashes over some damaged files.
#pragma once

#include <filesystem>
#include <string>

namespace winnow {

struct Hdf5Check {
    enum class Found {
        Sound,     ///< the child opened the file, found nothing against it (hdf5_walk.h), and closed it
        Refused,   ///< `sentence` says why
        Unopened,  ///< HDF5 does not open it; opening it here tells why
        Unchecked, ///< there was no child
    };
    Found found = Found::Unchecked;
    std::string sentence;
};

/// Runs `winnow-h5check`, which lies beside the running program, and waits for it: 15 ms, and at most kCheckSeconds. It has
/// limits for memory and time and leaves no core file. Where it ends by a signal or takes too long, the file is refused as
/// damaged. Where it is missing or cannot be started, standard error says so once, and the caller must walk through the file by
/// itself. Any thread; holds no lock while it waits.
Hdf5Check checkHdf5InChild(const std::filesystem::path& path);

/// What the child does: looks through `path` and returns what it prints, to be read by takeHdf5Record.
std::string hdf5Record(const std::filesystem::path& path);
/// Pure. Anything but a whole record is Unchecked.
Hdf5Check takeHdf5Record(std::string_view record);

inline constexpr int kCheckSeconds = 30;   ///< on the clock
inline constexpr int kCheckCpuSeconds = 4; ///< of computing; a trace of 5 GB takes 0.1
inline constexpr unsigned long long kCheckBytes = 1ull << 30;

} // namespace winnow
