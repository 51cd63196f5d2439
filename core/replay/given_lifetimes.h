// SPDX-License-Identifier: GPL-3.0-or-later
// Lifetimes that another program computed, for the policy `given`: an .npz file with `evict_step` (or `evict_step.0`, as Winnow's
// own replays have it), int32 [layers, lanes, T] as PolicyReplay::evictStep; or with `kept.0`, `kept.1`, …, one for each layer,
// integers [heads, kept]: the tokens that stay when the prompt ends, as NVIDIA's kvpress gathers them.
#pragma once

#include "core/replay/replay_plan.h"

namespace winnow {

struct GivenLifetimes {
    int lanes = 0;                       ///< KV heads or query heads
    std::vector<std::int32_t> evictStep; ///< [layers replayed, lanes, T]
};

/// Reads and checks the file: its shapes match the trace, no token leaves before its own step, every kept token is in the prompt
/// and named once. Tokens that a sliding window hides leave by the window. Errors name the file, the array and the place.
Result<GivenLifetimes> readGiven(const std::filesystem::path& path, const ReplayPlan& plan, const TraceInfo& info);

} // namespace winnow
