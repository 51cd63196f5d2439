// SPDX-License-Identifier: GPL-3.0-or-later
// What an evictor could keep who foresees the text: one lane, as many slots after every step as some policy held, no token ever
// coming back, nothing protected. Two numbers for every step. `greedy`: the evictor that gives up what is attended to least from
// here on. `bound`: added up over the steps, at least what any evictor keeps (weak duality): every stored slot has a price per
// step, every token leaves when that is best for itself, and what the slots cost is given back. Prices begin where each step's
// top-k would put them, so that the bound never exceeds the per-step top-k, and are then improved by subgradient steps; the best
// found counts.
#pragma once

#include "core/replay/replay.h"

#include <functional>
#include <span>
#include <vector>

namespace winnow {

struct ReplayPlan;

/// Attention of lanes that are worked on side by side, at most, unless a single lane needs more.
inline constexpr std::uint64_t kAttentionTogether = std::uint64_t{1} << 30;

/// The full attention of one lane: row t holds shares of the tokens 0…t.
class LaneAttention {
public:
    explicit LaneAttention(int tokens) : m_tokens(tokens), m_cells(cells(tokens)) {}
    int tokens() const { return m_tokens; }
    std::span<float> row(int step) { return {m_cells.data() + cells(step), static_cast<std::size_t>(step) + 1}; }
    std::span<const float> row(int step) const { return {m_cells.data() + cells(step), static_cast<std::size_t>(step) + 1}; }
    static std::size_t cells(int tokens) { return static_cast<std::size_t>(tokens) * (static_cast<std::size_t>(tokens) + 1) / 2; }

private:
    int m_tokens;
    std::vector<float> m_cells;
};

struct EvictorMass {
    std::vector<float> greedy, bound; ///< [T]
};
/// `stored`: slots after every step, [T], growing by at most one from step to step. Cost: `rounds` + 5 passes over the cells.
/// `goesOn`: asked before every round with the share of the rounds that is done; false ends the work, and the result is then
/// worth nothing.
EvictorMass evictorMass(const LaneAttention& attention, std::span<const std::int32_t> stored, int rounds = 60,
                        const std::function<bool(double)>& goesOn = {});

/// Fills futureMass and boundMass of finished results. On the host, whatever device the replay ran on; lanes side by side as far
/// as 1 GiB of attention goes (one lane of T tokens takes 2 T² bytes). Policies that stored equally much share the work. Reports
/// from the calling thread; a stop is heard within a pass over a lane's attention. Errors: reading the trace, cancelled.
Result<void> addEvictorMass(const Trace& trace, const ReplayPlan& plan, std::vector<PolicyReplay>& results,
                            const JobContext& job);

} // namespace winnow
