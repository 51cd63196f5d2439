// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory a replay takes, worked out before the work. Free of Torch.
#pragma once

#include "core/replay/replay_plan.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace winnow {

/// Bytes on the host. A replay on a GPU holds its results here and the rest there.
struct ReplayMemory {
    std::uint64_t results = 0;  ///< lifetimes and metrics of every policy
    std::uint64_t looks = 0;    ///< copies of them for the `advanced` callback, where the results lie in memory
    std::uint64_t rows = 0;     ///< keys and values of the layers that are replayed together
    std::uint64_t tiles = 0;    ///< blocks of queries and their attention
    std::uint64_t states = 0;   ///< what policies remember of the slots of the layers that are replayed together
    std::uint64_t prompt = 0;   ///< choices at the prompt's end, one layer at a time, which are made before the walk
    std::uint64_t evictors = 0; ///< the eviction oracles, which run after the walk
    /// Peak without the results: the choices at the prompt's end, the walk and the oracles come one after the other.
    std::uint64_t work() const { return std::max({prompt, rows + tiles + states, evictors}); }
    /// Peak with the results in memory.
    std::uint64_t total() const { return results + looks + work(); }
};

/// Most bytes of keys and values that are held at once, unless a single layer needs more. Further layers wait for the next batch.
inline constexpr std::uint64_t kRowsTogether = std::uint64_t{1} << 30;
/// Most bytes of attention tiles that are held at once, unless a single layer needs more.
inline constexpr std::uint64_t kTilesTogether = std::uint64_t{256} << 20;
/// So many times ReplayOptions::block are the query rows that are held at once where there is no tile.
inline constexpr int kBlocksWithoutTile = 4;

/// The estimate; within a third of the true peak where that is more than 100 MB. `plan`: as planReplay makes it.
ReplayMemory replayMemory(const TraceInfo& info, const ReplayPlan& plan, const ReplayOptions& options);

/// Where the results go: to memory if everything fits into `available` bytes, else to temporary files if the results fit into
/// `disk` bytes. Else the error OutOfMemory, with the numbers and what to leave out.
Result<ResultPlace> placeOfResults(const ReplayMemory& need, const ReplayPlan& plan, const ReplayOptions& options,
                                   std::optional<std::uint64_t> available, std::uint64_t disk);

/// "1.3 GB of memory, 1.1 GB of them results", or "240.0 MB of memory, and 1.1 GB of temporary files for the results".
std::string memoryText(const ReplayMemory& memory, ResultPlace place = ResultPlace::Memory);

} // namespace winnow
