// SPDX-License-Identifier: GPL-3.0-or-later
// Oracles for eviction: how much attention mass a policy could keep if it knew the text to come. They work on one lane and hold
// as many slots after every step as a given policy held. An evicted token never comes back, and no token is protected. Every step
// has two numbers:
//
// `greedy` is the mass of the policy that always evicts the token which receives the least attention from the rest of the text.
//
// `bound` is an upper bound: summed over all steps, no eviction policy keeps more. (Weak duality: a slot costs a price at every
// step. Each token stays exactly as long as the attention that it still receives is worth these prices. The price of the slots
// that the policy held is given back. Whatever the prices are, the result is a bound.) The prices begin at the score where each
// step's top-k ends, so that the bound never exceeds the top-k oracle. Subgradient steps improve them, and the best prices found
// count.
#pragma once

#include "core/replay/replay.h"

#include <functional>
#include <span>
#include <vector>

namespace winnow {

struct ReplayPlan;

/// Most bytes of attention that lanes worked on in parallel hold together, unless a single lane needs more.
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
/// `stored`: slots after every step, [T]; it grows by at most one per step. `rounds`: subgradient steps. `goesOn` is asked before
/// every round with the share of the rounds that is done; if it says false, the work ends and the result must not be used. Cost:
/// `rounds` + 5 passes over the cells.
EvictorMass evictorMass(const LaneAttention& attention, std::span<const std::int32_t> stored, int rounds = 60,
                        const std::function<bool(double)>& goesOn = {});

/// Fills futureMass and boundMass of finished results. Runs on the host, whatever device the replay ran on. Lanes are worked on
/// side by side as long as their attention takes 1 GiB at most (one lane of T tokens takes 2 T² bytes). Policies that stored
/// equally many slots share the work. Progress is reported from the calling thread; a stop is heard within one pass over a lane's
/// attention. Errors: reading the trace, cancelled.
Result<void> addEvictorMass(const Trace& trace, const ReplayPlan& plan, std::vector<PolicyReplay>& results,
                            const JobContext& job);

} // namespace winnow
