// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the newest query's attention row, or the mean of the newest few, averaged over neighboring slots where asked for.
#pragma once

#include "core/policy/kernels/row_ring.h"

namespace winnow::kernel {

struct LastRow {
    double* row = nullptr;  ///< the mean of the newest rows; room for every slot that may come
    int slots = 0;          ///< of `row`
    int kernel = 1;         ///< neighbors that are averaged, odd
    int window = 0;         ///< where kernel > 1: the last slots take no part and have no score
    int newest = 1;         ///< rows that are averaged
    RowRing<float> earlier; ///< the rows before the newest one, newest − 1 of them at most
};

inline void place(Arrays& arrays, LastRow& state, int slots)
{
    state.row = arrays.take<double>(slots);
    place(arrays, state.earlier, state.newest - 1, slots);
}

/// As that of AttentionSums.
inline bool wantsRow(const LastRow& state, bool mayEvict, int promptLeft)
{
    return mayEvict || (state.newest > 1 && promptLeft < state.newest);
}

/// `row`: the attention of a step over `count` slots.
template <class Team>
void observe(const Team& team, LastRow& state, const float* row, int count)
{
    team.copy(row, count, state.row);
    state.slots = count;
    if (state.newest == 1)
        return;
    RowRing<float>& earlier = state.earlier;
    for (int age = 0; age < earlier.held; ++age)
        team.add(earlier.row(age), earlier.length(age), state.row);
    const double rows = earlier.held + 1;
    team.forEach(0, count, [&](int slot) { state.row[slot] /= rows; });
    if (earlier.held == state.newest - 1)
        earlier.dropOldest();
    team.copy(row, count, append(team, earlier, count));
}

/// The slots' scores: the row itself, or its averages, which are put to `averages`: zeros beyond the ends count.
template <class Team>
const double* scores(const Team& team, const LastRow& state, const Live& /*live*/, double* averages)
{
    if (state.kernel == 1)
        return state.row;
    const int old = state.slots > state.window ? state.slots - state.window : 0, reach = state.kernel / 2;
    team.forEach(0, state.slots, [&](int slot) {
        if (slot >= old) {
            averages[slot] = team.notANumber();
            return;
        }
        double sum = 0;
        for (int other = slot > reach ? slot - reach : 0; other < old && other <= slot + reach; ++other)
            sum += state.row[other];
        averages[slot] = sum / state.kernel;
    });
    return averages;
}

/// The slots `gone` (ascending) have left.
template <class Team>
void erase(const Team& team, LastRow& state, const int* gone, int count)
{
    const int leaving = known(gone, count, state.slots);
    team.erase(state.row, state.slots, gone, leaving);
    state.slots -= leaving;
    erase(team, state.earlier, gone, count);
}

} // namespace winnow::kernel
