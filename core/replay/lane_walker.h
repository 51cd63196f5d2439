// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU replay of one lane: walks the rows of a block, asks the lane's decider, applies what it says, and writes lifetimes and
// metrics. One walker per (policy, layer, unit). Walkers share nothing but immutable rows, so they run side by side.
#pragma once

#include "core/replay/lane_evidence.h"
#include "core/replay/lane_rows.h"
#include "core/replay/lane_turn.h"

#include <optional>
#include <utility>

namespace winnow {

class LaneWalker final : private SlotHolder {
public:
    /// `policy` and `result` must outlive the walker; `layer` counts the replayed layers. Walkers of different units write
    /// different entries of `result`.
    LaneWalker(const ReplayPlan& plan, const PolicyPlan& policy, PolicyReplay& result, int layer, int unit);

    /// Steps [block.begin, block.end), which must follow the steps walked before.
    void walk(const LayerKeys& keys, const QueryBlock& block) { walk(keys, block, block.end); }
    /// The same for the steps below `end`. If `end` lies inside the block, no further step may be walked.
    void walk(const LayerKeys& keys, const QueryBlock& block, int end);

    std::int32_t firstEviction() const { return m_turn.firstEviction(); }

    /// As LaneTurn::watch.
    void watch(int last, LaneTurn::Watching watching) { m_turn.watch(last, std::move(watching)); }

private:
    void walkStep(const RecordedStep& at);
    /// How many steps from `step` on, all below `end`, leave the lane's slots as they are and need no row: what they attend to is
    /// known, so it can be computed together. 0: the step is one for itself.
    int calmSteps(const LayerKeys& keys, const QueryBlock& block, int step, int end) const;
    void walkCalm(const RecordedStep& first, int count);
    /// Policies that select: what the step attends to.
    void select(const RecordedStep& at);
    /// Metrics of the step, and the row for the decider where it needs one.
    void attend(const RecordedStep& at, const Needs& needs);
    /// Replaces the softmax rows of the heads that share, from `head` on, where keys were merged or moved; then compares outputs.
    void compareOutputs(const RecordedStep& at, int head);

    void merge(std::span<const Merge> merges) override;
    void erase(std::span<const int> victims) override;
    void moved(std::size_t slot) override;

    const ReplayPlan& m_plan;
    const PolicyPlan& m_policy;
    int m_slots;
    LaneRows m_rows;
    RecordedVectors m_vectors;
    LaneTurn m_turn;
    MovedKeys m_moved;
    std::optional<MergedRows> m_merged; ///< once a policy that merges has evicted something
    std::vector<float> m_row;           ///< the unit's
    std::vector<std::int32_t> m_ahead;  ///< tokens of the last of some calm steps
    std::vector<double> m_sums;         ///< of masses and errors of calm steps, [2, lanes, steps]
    const LayerKeys* m_keys = nullptr;  ///< of the present step
};

} // namespace winnow
