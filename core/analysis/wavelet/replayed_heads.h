// SPDX-License-Identifier: GPL-3.0-or-later
// Maps heads and layers of a recording to lanes and layers of its replay. Pure, any thread, free of Torch.
#pragma once

#include "core/analysis/wavelet/contribution.h"
#include "core/replay/replay_result.h"

#include <vector>

namespace winnow {

/// The number of each recorded layer in the replay, −1 where it was not replayed. Errors: the replay is of other tokens, or of a
/// layer that was not recorded.
Result<std::vector<int>> replayedLayers(const Trace& trace, const ReplayResult& replay);

/// For figures about policies at one step: where no step is chosen, sets `what.steps` to the last step that all `policies`
/// (numbers from 0) reached, and `what.heads` to those of all replayed layers. `numbers`: of replayedLayers. Errors: several
/// steps, one that was not replayed, a layer that was not.
Result<void> chooseReplayed(const Trace& trace, const ReplayResult& replay, const std::vector<int>& numbers,
                            const std::vector<int>& policies, ContributionOptions& what);

/// The policy's lane that a query head reads, in a layer of `queryHeads`: its own, or that of its group.
inline int laneOfHead(const PolicyReplay& policy, int queryHead, int queryHeads)
{
    return policy.lanes == queryHeads ? queryHead : queryHead / (queryHeads / policy.lanes);
}

} // namespace winnow
