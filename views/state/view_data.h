// SPDX-License-Identifier: GPL-3.0-or-later
// What every view is given to look at. Shared, immutable, replaced as a whole when something new is there.
#pragma once

#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace winnow::views {

/// All members may be null: a view then shows its empty state. `replay` may be partial (PolicyReplay::stepsDone < tokens).
/// While recording, `info` is there before `trace` (tokens and text are known, rows are not).
struct ViewData {
    std::shared_ptr<const TraceInfo> info;
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<const ReplayResult> replay;
    int tokensRecorded = 0; ///< == tokens when the recording is finished
};

/// The replay of policy number `policy` if it has come to `step`; else null. Every view asks this and hatches what is not there.
inline const PolicyReplay* computedAt(const ViewData& data, int policy, int step)
{
    if (!data.replay || policy < 0 || policy >= static_cast<int>(data.replay->policies.size()))
        return nullptr;
    const PolicyReplay& replay = *data.replay->policies[static_cast<std::size_t>(policy)];
    return step < replay.stepsDone ? &replay : nullptr;
}

/// The tokens that the data is about: the recording's, else the replay's; null without either.
inline const std::vector<std::int32_t>* tokensOf(const ViewData& data)
{
    return data.info ? &data.info->tokens : data.replay ? &data.replay->tokenIds : nullptr;
}

/// Whether views must drop what they show of `before`, because its tokens or its recording are gone. A recording that has now
/// finished counts as the same, and so does a replay whose recording was found.
inline bool leaves(const ViewData& before, const ViewData& after)
{
    const auto *was = tokensOf(before), *is = tokensOf(after);
    return was && (!is || (was != is && *was != *is) || (before.trace && before.trace != after.trace));
}

} // namespace winnow::views
