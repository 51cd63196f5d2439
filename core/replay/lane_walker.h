// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU replay of one lane: walks the rows of a block, asks the lane's decider, applies what it says, and writes lifetimes and
// metrics. One walker per (policy, layer, unit). Walkers share nothing but immutable rows, so they run side by side.
#pragma once

#include "core/cache/lane_cache.h"
#include "core/policy/decider.h"
#include "core/replay/lane_evidence.h"
#include "core/replay/lane_record.h"
#include "core/replay/lane_rows.h"

#include <functional>
#include <optional>

namespace winnow {

class LaneWalker {
public:
    /// `policy` and `result` must outlive the walker; `layer` counts the replayed layers. Walkers of different units write
    /// different entries of `result`.
    LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit);

    /// Steps [block.begin, block.end), which must follow the steps walked before.
    void walk(const LayerKeys& keys, const QueryBlock& block) { walk(keys, block, block.end); }
    /// Only those below `end`; none may follow where it lies inside the block.
    void walk(const LayerKeys& keys, const QueryBlock& block, int end);

    std::int32_t firstEviction() const { return m_firstEviction; }

    /// Sees a choice before it is applied: the tokens of all slots, and what was decided.
    using Watching = std::function<void(int step, std::span<const std::int32_t> tokens, const Decision& decision)>;
    /// `watching` sees every choice from now on, and at the end of step `last`, the last one to be walked, the scores even where
    /// nothing has to go.
    void watch(int last, Watching watching)
    {
        m_judged = last;
        m_watching = std::move(watching);
    }

private:
    void walkStep(const RecordedStep& at);
    /// Policies that select: what the step attends to.
    void select(const RecordedStep& at);
    std::span<const std::int32_t> attended() const
    {
        return m_decider.selects() ? std::span<const std::int32_t>(m_read) : m_cache.tokens();
    }
    /// Whether the step attends to less than it could.
    bool attendsToLess() const { return m_decider.selects() ? m_read.size() < m_cache.size() : m_cache.evicted(); }
    /// Metrics of the step, and the row for the decider where it needs one.
    void attend(const RecordedStep& at, const Needs& needs);
    /// Replaces the softmax rows of the heads that share, from `head` on, where keys were merged or moved; then compares outputs.
    void compareOutputs(const RecordedStep& at, int head);
    void leaveWindow(const RecordedStep& at);
    void evict(const RecordedStep& at, int count);
    void applyMerges(const RecordedStep& at, const Decision& decision);
    void checkBudget(int step) const;

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    int m_slots;
    LaneCache m_cache;
    LaneRows m_rows;
    RecordedVectors m_vectors;
    Decider m_decider;
    LaneRecord m_record;
    MovedKeys m_moved;
    std::optional<MergedRows> m_merged; ///< once a policy that merges has evicted something
    std::vector<std::int32_t> m_read;   ///< tokens that the present step attends to, of policies that select
    std::vector<float> m_row;           ///< the unit's
    std::vector<std::int32_t> m_leaving;
    int m_pageTokens;
    Watching m_watching;
    int m_judged = -1;
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
};

} // namespace winnow
