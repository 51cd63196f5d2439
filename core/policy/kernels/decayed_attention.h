// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the attention that each slot received. Each new row first multiplies the sums so far by a factor.
#pragma once

#include "core/policy/kernels/row_ring.h"

namespace winnow::kernel {

struct DecayedSums {
    double* sums = nullptr; ///< of the slots known so far; room for every slot that may come
    int slots = 0;          ///< known so far
    double decay = 1;       ///< the factor
    int history = 0;        ///< only the newest `history` rows count; 0 = all
    RowRing<float> rows;    ///< where there is a history: its rows
};

inline void place(Arrays& arrays, DecayedSums& state, int slots)
{
    state.sums = arrays.take<double>(slots);
    place(arrays, state.rows, state.history, slots);
}

/// As that of AttentionSums.
inline bool wantsRow(const DecayedSums& state, bool /*mayEvict*/, int promptLeft)
{
    return state.history == 0 || promptLeft < state.history;
}

/// `row`: the attention of a step over `count` slots, which are those known and new ones behind them.
template <class Team>
void observe(const Team& team, DecayedSums& state, const float* row, int count)
{
    if (state.history > 0) {
        if (state.rows.held == state.history)
            state.rows.dropOldest();
        team.copy(row, count, append(team, state.rows, count));
        return;
    }
    team.fill(state.sums + state.slots, count - state.slots, 0.0);
    state.slots = count;
    team.scaleAndAdd(row, count, state.decay, state.sums);
}

/// The slots' scores.
template <class Team>
const double* scores(const Team& team, DecayedSums& state, const Live& live, double* /*scratch*/)
{
    if (state.history == 0)
        return state.sums;
    team.fill(state.sums, live.slots, 0.0);
    state.slots = live.slots;
    for (int age = 0; age < state.rows.held; ++age) // what an older row does not know is still 0
        team.scaleAndAdd(state.rows.row(age), state.rows.length(age), state.decay, state.sums);
    return state.sums;
}

/// The slots `gone` (ascending) have left.
template <class Team>
void erase(const Team& team, DecayedSums& state, const int* gone, int count)
{
    if (state.history > 0)
        return erase(team, state.rows, gone, count);
    count = known(gone, count, state.slots);
    team.erase(state.sums, state.slots, gone, count);
    state.slots -= count;
}

} // namespace winnow::kernel
