// SPDX-License-Identifier: GPL-3.0-or-later
// Replay results as files, in the layouts that other programs read: .npz, .h5 (same names under /replays/00000 …), .csv.
#pragma once

#include "core/replay/replay_result.h"

#include <filesystem>

namespace winnow {

/// The extension decides. Written beside and renamed, so an existing file is replaced only by a complete one.
Result<void> writeReplay(const ReplayResult& result, const std::filesystem::path& out);
/// Reads .h5 and .npz (not .csv, which holds means only). Lifetimes come to lie in memory. Metrics of more than 32 MiB come to
/// lie in temporary files (scratchFolder), or in memory where none can be had.
Result<std::shared_ptr<const ReplayResult>> readReplay(const std::filesystem::path& path);

} // namespace winnow
