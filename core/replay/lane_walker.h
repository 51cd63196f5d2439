// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU replay of one lane: walks the rows of a block, asks the lane's decider, applies what it says, and writes lifetimes and
// metrics. One walker per (policy, layer, unit). Walkers share nothing but immutable rows, so they run side by side.
#pragma once

#include "core/cache/lane_cache.h"
#include "core/policy/decider.h"
#include "core/replay/lane_evidence.h"
#include "core/replay/lane_record.h"
#include "core/replay/lane_rows.h"

#include <optional>

namespace winnow {

class LaneWalker {
public:
    /// `policy` and `result` must outlive the walker; `layer` counts the replayed layers. Walkers of different units write
    /// different entries of `result`.
    LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit);

    /// Steps [block.begin, block.end), which must follow the steps walked before.
    void walk(const LayerKeys& keys, const QueryBlock& block);

    std::int32_t firstEviction() const { return m_firstEviction; }

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
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
};

} // namespace winnow
