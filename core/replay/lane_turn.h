// SPDX-License-Identifier: GPL-3.0-or-later
// What a lane's policy does in a step, wherever it runs: in a replay or in the cache of a running model. The caller appends a
// token, shows the decider what it needs to see, and measures. This class asks the decider who leaves, applies the answer to the
// lane cache and writes it into the result.
#pragma once

#include "core/cache/lane_cache.h"
#include "core/policy/decider.h"
#include "core/replay/lane_record.h"

#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace winnow {

/// Interface of whoever holds per-slot data beside the lane cache (keys and values). The calls come in the order in which the
/// slots change.
class SlotHolder {
public:
    virtual ~SlotHolder() = default;
    /// For recipes that merge: apply these in their order, before the slots leave. The lane cache still holds all of them.
    virtual void merge(std::span<const Merge> merges) = 0;
    /// The slots `victims` (ascending) have left.
    virtual void erase(std::span<const int> victims) = 0;
    /// The slots from `slot` on may lie at other rotary positions than before.
    virtual void moved(std::size_t slot) = 0;
};

/// One unit of one layer under one policy. Not thread-safe, but objects of different units may run in parallel: they write
/// different entries of a result.
class LaneTurn {
public:
    /// `layer` counts the layers of the plan. Plan, policy, result and vectors must outlive this.
    LaneTurn(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit,
             const LaneVectors& vectors);

    LaneCache& cache() { return m_cache; }
    const LaneCache& cache() const { return m_cache; }
    Decider& decider() { return m_decider; }
    const Decider& decider() const { return m_decider; }
    LaneRecord& record() { return m_record; }
    std::int32_t firstEviction() const { return m_firstEviction; }

    /// Sees a choice before it is applied: the tokens of all slots, and what was decided.
    using Watching = std::function<void(int step, std::span<const std::int32_t> tokens, const Decision& decision)>;
    /// `watching` sees every choice from now on, and at the end of step `last`, the last one, the scores even where nothing has
    /// to go.
    void watch(int last, Watching watching)
    {
        m_judged = last;
        m_watching = std::move(watching);
    }
    /// Whether `watching` gets the scores at the end of `step` even if nothing has to leave.
    bool isJudged(int step) const { return step == m_judged; }

    /// Policies that select: what `step` attends to from now on. `row`: see Decider::pages.
    void select(int step, std::span<const float> row);
    /// Tokens that the step attends to; of policies that select, those of the last call.
    std::span<const std::int32_t> attended() const { return m_decider.selects() ? m_read : m_cache.tokens(); }
    /// Whether the step attends to less than it could.
    bool attendsToLess() const { return m_decider.selects() ? m_read.size() < m_cache.size() : m_cache.evicted(); }

    /// Everything after the attention of `step`: removes what a sliding window of `reach` tokens hides (0 = no window), evicts by
    /// the policy, and writes the result. `slots`: the unit's slots as they are now.
    void end(int step, int reach, const LaneSlots& slots, SlotHolder& holder);

private:
    void leaveWindow(int step, int reach, SlotHolder& holder);
    void evict(int step, int count, const LaneSlots& slots, SlotHolder& holder);
    void checkBudget(int step) const;

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    int m_slots;
    LaneCache m_cache;
    Decider m_decider;
    LaneRecord m_record;
    int m_pageTokens;
    std::vector<std::int32_t> m_read, m_leaving;
    Watching m_watching;
    int m_judged = -1;
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
};

} // namespace winnow
