// SPDX-License-Identifier: GPL-3.0-or-later
// One row of attention as a list: the tokens that a step attends to, by falling share, with what a policy has lost of them.
// Values only; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/attention_source.h"

#include <memory>
#include <vector>

namespace winnow {

/// The lane of a policy whose lifetimes say what a query head has lost.
struct LosingLane {
    std::shared_ptr<const ReplayResult> replay; ///< null = none
    int policy = 0, layer = 0, lane = 0;        ///< of the replay

    /// When the tokens left it, [tokens]; null without a replay.
    const std::int32_t* leftAt() const;
};

/// The lane of `policy`, a number from 0, that the query head of the recording reads; none where its layer was not replayed.
LosingLane losingLane(std::shared_ptr<const ReplayResult> replay, int policy, const TraceInfo& info, int layerIndex, Head head);

struct AttendedToken {
    int token = 0;
    float share = 0;   ///< of the full row
    bool lost = false; ///< the policy's lane did not attend to it any more
    int leftAt = -1;   ///< −1 = it never leaves
};

struct AttendedTokens {
    int step = 0;
    bool compared = false;             ///< there is a policy to compare with
    double kept = 0, lost = 0;         ///< shares of the whole row
    std::vector<AttendedToken> tokens; ///< those with the largest shares; equal ones by their place in the text
};

/// The row of a query head at `step`, beside `lane`; at most `most` tokens are listed. Cost: the head's keys are read once.
Result<AttendedTokens> attendedTokens(const Trace& trace, int layerIndex, Head head, const LosingLane& lane, int step,
                                      std::size_t most, const JobContext& job);

} // namespace winnow
