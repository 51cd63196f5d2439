// The CPU replay of one unit: walks the rows of a block, keeps its slots, decides, and writes lifetimes and metrics.
// One walker per (policy, layer, unit); walkers share nothing but immutable rows, so they run side by side.
#pragma once

#include "core/policy/lane_parts.h"
#include "core/replay/attention_block.h"
#include "core/replay/replay_plan.h"

namespace winnow {

class LaneWalker final : private LaneVectors {
public:
    /// `policy` and `result` must outlive the walker; `layer` counts the replayed layers. Walkers of different units write
    /// different entries of `result`.
    LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit);

    /// Steps [block.begin, block.end), which must follow the steps walked before.
    void walk(const LayerKeys& keys, const QueryBlock& block);

    std::int32_t firstEviction() const { return m_firstEviction; }

private:
    const float* key(int keyHead, std::int32_t token) const override;
    const float* query(int queryHead) const override;
    std::span<const double> foreseen() const override;
    int firstKeyHead() const { return m_unit * m_policy.headsPerUnit / m_plan.group(); }
    void attend(const LayerKeys& keys, const QueryBlock& block, int step, bool wantsRow);
    /// Softmax of head `head` over the live slots into m_row; returns the mass of the live slots.
    float liveRow(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    void liveLogits(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    void reassignedRow(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    float outputError(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    void leaveWindow(const LayerKeys& keys, int step);
    /// Names who goes, by the decision at the prompt's end or by the recipe's selector, into m_victims; returns the scores.
    std::span<const double> choose(int step, int count);
    void evict(const LayerKeys& keys, int step, std::span<const double> scores);
    void rotateFrom(const LayerKeys& keys, std::size_t slot);
    std::size_t cell(int lane, int token) const { return m_result.index(m_layer, lane, token); }
    int firstLane() const { return m_unit * m_policy.lanesPerUnit(); }

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    PolicyReplay& m_result;
    int m_layer, m_unit, m_slots;
    std::unique_ptr<LaneScorer> m_scorer;
    std::unique_ptr<LaneSelector> m_selector;
    std::vector<std::int32_t> m_positions;
    bool m_lost = false; ///< something that could be attended to has left
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
    std::vector<float> m_reassigned; ///< keys rotated by slot, [KV heads of the unit][slots, d], once m_lost
    std::size_t m_reassignedStride = 0;
    std::vector<float> m_row, m_unitRow, m_query, m_output;
    std::vector<int> m_victims;
    std::vector<double> m_decided;
    const LayerKeys* m_keys = nullptr; ///< during walk(), for the scorer
    const QueryBlock* m_block = nullptr;
    int m_step = 0;
};

} // namespace winnow
