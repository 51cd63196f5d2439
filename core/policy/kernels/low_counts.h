// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: minus the number of the newest rows in which a slot got less than an even share.
#pragma once

#include "core/policy/kernels/row_ring.h"

namespace winnow::kernel {

struct LowCounts {
    double* counts = nullptr; ///< minus the numbers, of the slots known so far; room for every slot that may come
    int slots = 0;            ///< known so far
    int history = 0;          ///< only the newest `history` rows count; 0 = all
    RowRing<Byte> rows;       ///< where there is a history: 1 where the share was low
};

inline void place(Arrays& arrays, LowCounts& state, int slots)
{
    state.counts = arrays.take<double>(slots);
    place(arrays, state.rows, state.history, slots);
}

/// As that of AttentionSums.
inline bool wantsRow(const LowCounts& state, bool /*mayEvict*/, int promptLeft)
{
    return state.history == 0 || promptLeft < state.history;
}

/// Slots up to `count` become known; those that are new have no low share yet.
template <class Team>
void extend(const Team& team, LowCounts& state, int count)
{
    if (count <= state.slots)
        return;
    team.fill(state.counts + state.slots, count - state.slots, 0.0);
    state.slots = count;
}

/// `row`: the attention of a step over `count` slots, which are those known and new ones behind them.
template <class Team>
void observe(const Team& team, LowCounts& state, const float* row, int count)
{
    extend(team, state, count);
    const float even = count > 1 ? 1.0F / static_cast<float>(count) : 0; // a token alone has it all, however that is rounded
    team.forEach(0, count, [&](int slot) { state.counts[slot] -= row[slot] < even ? 1 : 0; });
    if (state.history == 0)
        return;
    if (state.rows.held == state.history) {
        const Byte* oldest = state.rows.row(0);
        team.forEach(0, state.rows.length(0), [&](int slot) { state.counts[slot] += oldest[slot]; });
        state.rows.dropOldest();
    }
    Byte* low = append(team, state.rows, count);
    team.forEach(0, count, [&](int slot) { low[slot] = row[slot] < even ? 1 : 0; });
}

/// The slots' scores.
template <class Team>
const double* scores(const Team& team, LowCounts& state, const Live& live, double* /*scratch*/)
{
    extend(team, state, live.slots);
    return state.counts;
}

/// The slots `gone` (ascending) have left.
template <class Team>
void erase(const Team& team, LowCounts& state, const int* gone, int count)
{
    const int leaving = known(gone, count, state.slots);
    team.erase(state.counts, state.slots, gone, leaving);
    state.slots -= leaving;
    erase(team, state.rows, gone, count);
}

} // namespace winnow::kernel
