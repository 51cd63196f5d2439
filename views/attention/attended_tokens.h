// SPDX-License-Identifier: GPL-3.0-or-later
// One row of attention as a list: the tokens that a step attends to, by falling share, with what a policy has lost of them.
// Values only; any thread.
#pragma once

#include "core/base/job_context.h"
#include "views/attention/lost_tile.h"

namespace winnow::views {

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

/// The row of `query`'s layer, head and policy lane at `step`; at most `most` tokens are listed. Cost: the head's keys are read
/// once.
Result<AttendedTokens> attendedTokens(const Trace& trace, const LostTileQuery& query, int step, std::size_t most,
                                      const JobContext& job);

} // namespace winnow::views
