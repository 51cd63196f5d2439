// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what became of one unit's tokens into the result: lifetimes, scores and metrics of all lanes of the unit.
#pragma once

#include "core/replay/replay_plan.h"

namespace winnow {

/// Writes the entries of one unit's lanes in a result. Records of different units write different entries, from any threads.
class LaneRecord {
public:
    /// `layer` counts the replayed layers. `result` must outlive this.
    LaneRecord(const PolicyPlan& policy, PolicyReplay& result, int layer, int unit)
        : m_result(result), m_layer(layer), m_firstLane(unit * policy.lanesPerUnit()), m_lanes(policy.lanesPerUnit())
    {
    }

    /// `token` left at the end of `step`.
    void left(std::int32_t token, int step);
    /// The decision at the end of `step`, before it is applied. `tokens`: all that the lane held.
    void evicted(int step, std::span<const std::int32_t> tokens, const Decision& decision);
    /// `targets`: tokens that the victims are counted with, −1 = dropped.
    void merged(std::span<const std::int32_t> victims, std::span<const std::int32_t> targets);
    /// Metrics of the unit's lane number `lane`, from 0.
    void metrics(int lane, int step, float mass, float error);
    void stored(int step, std::size_t slots);
    void read(int step, std::span<const int> pages);

private:
    std::size_t cell(int lane, int token) const { return m_result.index(m_layer, m_firstLane + lane, token); }

    PolicyReplay& m_result;
    int m_layer, m_firstLane, m_lanes;
};

} // namespace winnow
