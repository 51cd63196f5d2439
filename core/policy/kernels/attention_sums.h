// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the attention that each slot received in all, S, or the mean S / C over the queries that have seen it.
#pragma once

#include "core/policy/kernels/parts.h"

namespace winnow::kernel {

struct AttentionSums {
    double* sums = nullptr; ///< S of the slots known so far; room for every slot that may come
    int slots = 0;          ///< known so far
    bool mean = false;      ///< whether scores are S / C
    int prompt = 0;         ///< number of prompt tokens
    int window = 0;         ///< only the last `window` queries of the prompt are observed; 0 = all of them

    /// Queries that have seen the token at `position`, its own included.
    double seen(int step, int position) const
    {
        const int first = window > 0 && position < prompt - window ? prompt - window : position;
        return step - first + 1;
    }
};

inline void place(Arrays& arrays, AttentionSums& state, int slots) { state.sums = arrays.take<double>(slots); }

/// Whether a step's row counts; `promptLeft` rows of the prompt are still to come, fewer than 0 after it.
inline bool wantsRow(const AttentionSums& state, bool /*mayEvict*/, int promptLeft)
{
    return state.window == 0 || promptLeft < state.window;
}

/// `row`: the attention of a step over `count` slots, which are those known and new ones behind them.
template <class Team>
void observe(const Team& team, AttentionSums& state, const float* row, int count)
{
    team.fill(state.sums + state.slots, count - state.slots, 0.0);
    state.slots = count;
    team.add(row, count, state.sums);
}

/// The slots' scores: S itself, or the means, which are put to `means`.
template <class Team>
const double* scores(const Team& team, const AttentionSums& state, const Live& live, double* means)
{
    if (!state.mean)
        return state.sums;
    team.forEach(0, state.slots, [&](int slot) { means[slot] = state.sums[slot] / state.seen(live.step, live.positions[slot]); });
    return means;
}

/// The slots `gone` (ascending) have left.
template <class Team>
void erase(const Team& team, AttentionSums& state, const int* gone, int count)
{
    count = known(gone, count, state.slots);
    team.erase(state.sums, state.slots, gone, count);
    state.slots -= count;
}

} // namespace winnow::kernel
