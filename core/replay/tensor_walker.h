// SPDX-License-Identifier: GPL-3.0-or-later
// The tensor replay of one policy in one layer: all units at once, step by step, on any device.
#pragma once

#include "core/cache/cache_state.h"
#include "core/policy/tensor_parts.h"
#include "core/replay/tensor_units.h"

#include <deque>
#include <limits>

namespace winnow {

/// Owns the cache and the workers of its units. The arguments of the constructor must outlive it. One thread.
class TensorWalker {
public:
    /// `layer` counts the replayed layers.
    TensorWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, const LayerTensors& rows);
    /// Steps 0, 1, … in turn.
    void step(int t);

    std::int32_t firstEviction() const { return m_firstEviction; }

private:
    /// Values per unit → values per lane.
    at::Tensor lanesOf(const at::Tensor& units) const { return units.repeat_interleave(m_policy.lanesPerUnit(), 0); }

    template <class T>
    void write(Cells<T>& to, int t, const at::Tensor& perLane)
    {
        for (int lane = 0; lane < m_policy.lanes; ++lane)
            to[m_result.index(m_layer, lane, t)] = perLane.data_ptr<T>()[lane];
    }

    at::Tensor perHead(const at::Tensor& units) const { return units.repeat_interleave(m_policy.headsPerUnit, 0); }
    /// Of every query head: [Hq, S] positions, 0 in the padding.
    at::Tensor headPositions() const { return perHead(m_cache.positions()).clamp_min(0); }
    at::Tensor keyHeadOfHead() const;
    /// Capped logits [Hq, S] of this step's queries, rotated to `queryPositions` [Hq], with rotated keys [Hq, S, d].
    at::Tensor logitsOf(int t, const at::Tensor& queryPositions, const at::Tensor& keys) const;
    /// Shares of the full attention [Hq, S] on what the cache holds, and the logits they come from.
    std::pair<at::Tensor, at::Tensor> recorded(int t, const at::Tensor& hidden) const;
    /// The logits where keys are merged, or lie at other positions than recorded.
    at::Tensor changedLogits(int t) const;
    /// The units' reduced rows [units, slots]; leaves mass and error per lane in m_mass and m_error.
    at::Tensor attend(int t);
    /// What this step attends to, of policies that select.
    void readPages(int t);
    void writeMetrics(int t, bool anyLost);
    void leaveWindow(int t);
    /// Removes what was decided beforehand.
    void applyDecision(int t);
    void applyLifetimes(int t);
    /// Merges leaving slots into slots that stay, as the policy says.
    void merge(int t, const at::Tensor& leaving);
    /// Positions by slot from the end of the prompt on, in units that lost something there.
    void renumber(int t);
    void evict(int t);
    /// bool [units, slots]: what `protection` leaves free.
    at::Tensor mayGo(const Protection& protection) const
    {
        const auto lastFree = (m_cache.lengths() - protection.recent - protection.window).unsqueeze(1);
        return m_cache.positions().ge(protection.sinks).logical_and(slotNumbers() < lastFree);
    }
    at::Tensor slotNumbers() const { return at::arange(m_cache.width(), m_cache.positions().options()).unsqueeze(0); }

    /// Removes the slots of `leaving` from the cache, the scorer's states and `scores`, and writes the step at which they left.
    /// `chosen`: by the policy, not by a sliding window.
    void remove(int t, const at::Tensor& leaving, at::Tensor& scores, bool chosen);
    /// `scores`: of what stayed; `protection`: of the choice.
    void recordLowestKept(int t, const at::Tensor& scores, const Protection& protection);

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    PolicyReplay& m_result;
    int m_layer;
    const LayerTensors& m_rows;
    CacheState m_cache;
    at::Tensor m_lost, m_mass, m_error, m_slots;
    at::Tensor m_isRead;                   ///< bool [units, slots], what this step attends to, where there are readers
    at::Tensor m_assigned, m_nextPosition; ///< int64 [units, slots] and [units], PositionMode::Once after the prompt's end
    std::optional<MergedTokens> m_merged;  ///< once something has gone into something else
    int m_fewest;                          ///< slots of the unit that has the fewest
    std::deque<HostVectors> m_vectors;
    std::unique_ptr<TensorScorer> m_scorer;
    std::unique_ptr<TensorSelector> m_selector;
    std::vector<std::unique_ptr<LaneReader>> m_readers; ///< [units], of policies that select
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
};

} // namespace winnow
