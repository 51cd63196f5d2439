// SPDX-License-Identifier: GPL-3.0-or-later
// Replays (open loop) and runs (closed loop) that lie in one result, as the window saves them, taken apart again. Any thread.
#pragma once

#include "core/replay/replay_result.h"

#include <memory>

namespace winnow {

/// The policies that were replayed, and those that ran in the model; an empty one is null.
struct SplitLoops {
    std::shared_ptr<const ReplayResult> replays, runs;
};
SplitLoops splitLoops(const std::shared_ptr<const ReplayResult>& both);

} // namespace winnow
