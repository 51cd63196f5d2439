// The CPU replay of one unit: walks the rows of a block, keeps its slots, decides, and writes lifetimes and metrics.
// One walker per (policy, layer, unit); walkers share nothing but immutable rows, so they run side by side.
#pragma once

#include "core/policy/lane_parts.h"
#include "core/replay/attention_block.h"
#include "core/replay/merged_slots.h"
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
    const float* value(int keyHead, std::int32_t token) const override;
    const float* query(int queryHead) const override;
    std::span<const double> foreseen() const override;
    int firstHead() const { return m_unit * m_policy.headsPerUnit; }
    int firstKeyHead() const { return firstHead() / m_plan.group(); }
    /// What this step attends to, of policies that select.
    void readPages(const LayerKeys& keys, const QueryBlock& block, int step);
    std::span<const std::int32_t> attended() const { return m_reader ? m_read : m_positions; }
    void attend(const LayerKeys& keys, const QueryBlock& block, int step, bool wantsRow);
    /// Query heads of the unit that read the same KV head. They are worked on together, since they read the same rows.
    int sharing() const { return std::min(m_plan.group(), m_policy.headsPerUnit); }
    float* row(int head) { return &m_rows[static_cast<std::size_t>(head) * attended().size()]; } ///< `head` among those that share
    /// Softmax of the heads that share, from `head` on, over the attended slots into m_rows; their masses into m_masses.
    void liveRows(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    void liveLogits(const LayerKeys& keys, const QueryBlock& block, int head, int count, int step, float* logits) const;
    /// The same rows where keys are merged, or lie at other positions than recorded.
    void changedRows(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    /// What m_rows give instead of the recorded outputs, into m_errors.
    void outputErrors(const LayerKeys& keys, const QueryBlock& block, int head, int step);
    void leaveWindow(const LayerKeys& keys, int step);
    /// Names who goes, by the decision at the prompt's end or by the recipe's selector, into m_victims; returns the scores.
    std::span<const double> choose(int step, int count);
    void evict(const LayerKeys& keys, int step, std::span<const double> scores);
    /// Lets the victims go into slots that stay, as the policy says.
    void merge(int step);
    /// Whether slots lie at positions of their own: assigned by slot, or m_assigned.
    bool turned() const { return m_policy.recipe.positions == PositionMode::Once ? !m_assigned.empty() : m_policy.recipe.positions == PositionMode::Reassign && m_lost; }
    int assigned(std::size_t slot) const { return m_assigned.empty() ? static_cast<int>(slot) : m_assigned[slot]; }
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
    std::unique_ptr<LaneReader> m_reader;
    std::vector<std::int32_t> m_read; ///< positions that the present step attends to, where there is a reader
    std::vector<int> m_pages;
    bool m_lost = false; ///< something that could be attended to has left, or is not read
    std::int32_t m_firstEviction = std::numeric_limits<std::int32_t>::max();
    std::vector<int> m_assigned;     ///< PositionMode::Once: positions of the slots, once something has left at the prompt's end
    int m_nextPosition = 0;          ///< of the token to come, likewise
    std::optional<MergedSlots> m_merged; ///< once something has gone into something else
    std::vector<Merge> m_merges;
    std::vector<float> m_reassigned; ///< keys rotated by slot, [KV heads of the unit][slots, d], once turned()
    std::size_t m_reassignedStride = 0;
    std::vector<float> m_rows, m_masses, m_errors, m_queries, m_outputs; ///< of the heads that share: [heads, slots], [heads], [heads, d]
    std::vector<float> m_unitRow;
    std::vector<int> m_victims;
    std::vector<double> m_decided;
    const LayerKeys* m_keys = nullptr; ///< during walk(), for the scorer
    const QueryBlock* m_block = nullptr;
    int m_step = 0;
};

} // namespace winnow
