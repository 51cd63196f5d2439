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
    std::uint64_t looks = 0;    ///< copies of them for those who look on meanwhile, where the results lie in memory
    std::uint64_t rows = 0;     ///< keys and values of the layers that are replayed together
    std::uint64_t tiles = 0;    ///< blocks of queries and their attention
    std::uint64_t states = 0;   ///< what policies remember of the slots of the layers that are replayed together
    std::uint64_t prompt = 0;   ///< choices at the prompt's end, one layer at a time, before the rest is needed
    std::uint64_t evictors = 0; ///< the oracles of evictors, after the rest is needed
    /// At the highest point without the results: the prompt's end, the walk and the oracles come one after the other.
    std::uint64_t work() const { return std::max({prompt, rows + tiles + states, evictors}); }
    /// At the highest point, where the results lie in memory: they stay.
    std::uint64_t total() const { return results + looks + work(); }
};

/// Keys and values of layers that are held together, at most, unless a single layer needs more: layers beyond it wait.
inline constexpr std::uint64_t kRowsTogether = std::uint64_t{1} << 30;
/// Attention tiles of layers that are held together, likewise.
inline constexpr std::uint64_t kTilesTogether = std::uint64_t{256} << 20;

/// Of the highest point within a third, where that is more than 100 MB. `plan`: as planReplay makes it.
ReplayMemory replayMemory(const TraceInfo& info, const ReplayPlan& plan, const ReplayOptions& options);

/// Where the results go: to memory where `available` holds all, else to temporary files where `disk` bytes hold the results.
/// OutOfMemory with the numbers, and what to leave out, where neither does.
Result<ResultPlace> placeOfResults(const ReplayMemory& need, const ReplayPlan& plan, const ReplayOptions& options,
                                   std::optional<std::uint64_t> available, std::uint64_t disk);

/// "1.3 GB of memory, 1.1 GB of them results", or "240.0 MB of memory, and 1.1 GB of temporary files for the results".
std::string memoryText(const ReplayMemory& memory, ResultPlace place = ResultPlace::Memory);

} // namespace winnow
