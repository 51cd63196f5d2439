// SPDX-License-Identifier: GPL-3.0-or-later
// Why a token left a lane: the scores of all live slots at one step, the slots that could leave, those that left, and by what
// margin. The lane is replayed again over the trace, by the walker of the replay, up to that step. Open loop. Free of Torch.
#pragma once

#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

namespace winnow {

/// A lane of a policy and the step at whose end it is looked at. `layer` counts the replayed layers; `lane` is one of the
/// policy's own, a KV head or a query head.
struct LaneStep {
    int layer = 0, lane = 0, step = 0;
    friend auto operator<=>(const LaneStep&, const LaneStep&) = default;
};

/// What a lane held at the end of a step, before anything left it by choice. Arrays run over its slots, in the order of the text.
struct Explanation {
    LaneStep at;
    std::vector<std::int32_t> tokens;
    std::vector<double> scores; ///< higher is more worth keeping; NaN where a slot has none
    int begin = 0, end = 0;     ///< the slots that could go; those outside were protected
    std::vector<int> victims;   ///< slots that went, ascending; empty where nothing had to go
    std::vector<std::int32_t>
        lostTo;         ///< per victim, the token that it lost to, for selectors that compare two slots at a time; else −1
    bool agrees = true; ///< false: the stored replay evicted other tokens in this lane up to this step; near-ties of scores can
                        ///< differ between machines

    /// −1 = the lane did not hold it.
    int slotOf(std::int32_t token) const;
    bool mayGo(int slot) const { return slot >= begin && slot < end; }
    bool went(int slot) const;
    /// The slot with the lowest score among those that could have left and stayed; the oldest of equal ones. −1 where none
    /// stayed.
    int cut() const;
    /// Place of the slot among those that could go, by falling score, from 1 on; equal scores share the better place. 0 for slots
    /// that were protected or have no score.
    int rank(int slot) const;
};

/// Whether policy number `policy` of the replay can be explained. Errors: it evicts nothing, it has no scores, or its lifetimes
/// come from a file.
Result<void> checkExplains(const ReplayResult& replay, int policy);

/// Explanations of one policy at `places`, in their order. Every lane named is replayed once, up to its last step; a prompt-time
/// policy first scores the prompt again in all replayed layers. Cost: that of a replay of these lanes; memory: one layer's keys
/// and values. Errors: checkExplains', a trace that is not the replay's, a lane or step that is not there, reading the trace,
/// cancelled.
Result<std::vector<Explanation>> explainChoices(const Trace& trace, const ReplayResult& replay, int policy,
                                                std::span<const LaneStep> places, const JobContext& job);

/// The explanation of a single place.
Result<Explanation> explain(const Trace& trace, const ReplayResult& replay, int policy, const LaneStep& place,
                            const JobContext& job);

} // namespace winnow
