// SPDX-License-Identifier: GPL-3.0-or-later
// One unit's policy in a running model: what it is shown of a step, what its heads attend to, and what becomes of its lanes.
#pragma once

#include "core/evaluate/unit_evidence.h"
#include "core/replay/lane_turn.h"

namespace winnow {

/// What the units of a layer share. All of it must outlive them.
struct UnitPlace {
    const ReplayPlan& plan;
    const PolicyPlan& policy;
    PolicyReplay& result;
    int layer = 0; ///< counts the layers of the plan
    const LayerInfo& info;
    const RotaryTable& table; ///< positions of the whole text
    SlotStore& store;
    HeldRows& held;
    StepQueries& queries;
};

/// Calls of one step, in this order: begin, attend or seeTile, end. Units of a layer may work side by side, each on one thread.
class UnitAtWork final : private SlotHolder {
public:
    UnitAtWork(const UnitPlace& place, int unit);

    /// Begins `step`. Its token is number `index`, from 0, of those that run together.
    void begin(int step, int index);
    /// Whether the policy wants to see what the step attends to.
    bool wantsRow() const { return m_needs.row; }
    bool sawRow() const { return m_sawRow; }
    /// Whether the step attends to slots that are not simply all of the lane's tokens at their own positions.
    bool needsOwnAttention() const { return m_turn.attendsToLess() || m_turn.cache().moved() || m_turn.cache().merged(); }
    /// The attention of the unit's heads over its slots, which the policy sees where it wants to. `outputs` [Hq, d] of the layer,
    /// or null; `lse` [Hq], likewise.
    void attend(float* outputs, float* lse);
    /// The same evidence from the logits of tokens that run together, which nothing has been evicted from. `hidden`: slots of the
    /// tile that a sliding window has let go since it was made.
    void seeTile(int hidden);
    /// Ends the step: evicts what the policy chooses, and writes the result.
    void end();

    const LaneTurn& turn() const { return m_turn; }
    LaneRecord& record() { return m_turn.record(); }

private:
    int heads() const { return m_place.policy.headsPerLane; }
    /// Softmax rows of one lane's heads over `slots` (null: all `count` of them), into m_rows.
    void makeRows(int lane, const std::int32_t* slots, std::size_t count, float* lse);
    void select();

    void merge(std::span<const Merge> merges) override;
    void erase(std::span<const int> victims) override;
    void moved(std::size_t slot) override;

    UnitPlace m_place;
    int m_unit, m_firstLane;
    RunVectors m_vectors;
    LaneTurn m_turn;
    Needs m_needs;
    bool m_sawRow = false; ///< of the present step
    int m_step = 0, m_index = 0;
    std::vector<float> m_row, m_rows, m_queries; ///< the unit's; of a lane's heads; moved queries of a lane's heads
    std::vector<std::int32_t> m_selected;        ///< slots that the step attends to, of policies that select
};

} // namespace winnow
