// SPDX-License-Identifier: GPL-3.0-or-later
// Open MPI's mpirun ends all ranks when one of them is killed, unless it was started with --enable-recovery, and then its own
// exit code says nothing. So rank 0 starts it once more with that option, with the same words, and gives the exit code itself.
// Only where all ranks are on one machine: on several, a batch system may have no room for two jobs at once.
#pragma once

#include "app/cli/console.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::cli {

struct MpiLauncher {
    std::filesystem::path program, folder;     ///< folder: where it was started
    std::vector<std::string> words, variables; ///< words: the name it was called by first
};

/// Pure. The launcher whose words and variables /proc tells (each ended by a zero), with the option that lets ranks outlive each
/// other. Nothing where `program` is not Open MPI's.
std::optional<MpiLauncher> recoveringLauncher(const std::filesystem::path& program, const std::filesystem::path& folder,
                                              std::string_view words, std::string_view variables);

/// Whether this process is a rank of an Open MPI job that ends when one of its ranks is killed.
bool endsWithARank();

/// What startAgain() takes, where this process is such a rank and mpirun is its parent.
std::optional<MpiLauncher> launcherHere();

/// Waits for the job, and gives what its rank 0 told with tellEnd(). Error besides: that rank ended without a word; `results`
/// names what it wrote. MPI must not be in use any more.
Result<void> startAgain(MpiLauncher launcher, const std::string& results, Console& console);

/// Where this process is rank 0 of a job that startAgain() started: writes `end` down for it, and gives no error. Elsewhere
/// `end`.
Result<void> tellEnd(Result<void> end);

} // namespace winnow::cli
