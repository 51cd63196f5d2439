// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: how the parts of any recipe are asked at a step, and the scorer of recipes that have none.
//
// A scorer is a state with wantsRow(state, mayEvict, promptLeft), observe(team, state, row, count), scores(team, state, live,
// scratch) and erase(team, state, gone, count); a selector one with choose(team, state, choice, victims). place(arrays, state,
// slots) gives either its arrays, with room for so many slots. (LaneScorer and LaneSelector say what each is for:
// core/policy/lane_parts.h.)
#pragma once

#include "core/policy/kernels/candidates.h"

namespace winnow::kernel {

/// Hands out arrays from one piece of memory. Without memory it only counts.
struct Arrays {
    Byte* memory = nullptr;
    long long bytes = 0; ///< handed out so far

    template <class T>
    T* take(long long count)
    {
        T* array = memory ? reinterpret_cast<T*>(memory + bytes) : nullptr;
        bytes += (count * static_cast<long long>(sizeof(T)) + 7) / 8 * 8; // each begins where any number may
        return array;
    }
};

/// The slots of a lane at a step; `positions` of their tokens.
struct Live {
    int step = 0;
    const int* positions = nullptr;
    int slots = 0;
};

/// Who may go; `scores` of all slots, null without a scorer.
struct Choice {
    Live live;
    const double* scores = nullptr;
    Candidates among;
};

inline void place(Arrays& arrays, LeftScratch& scratch, int slots)
{
    scratch.left = arrays.take<int>(slots);
    scratch.stays = arrays.take<Byte>(slots);
}

/// Of recipes whose choice needs no attention.
struct NoScorer {};

inline bool wantsRow(const NoScorer&, bool, int) { return false; }
template <class Team>
void observe(const Team&, NoScorer&, const float*, int)
{
}
template <class Team>
const double* scores(const Team&, NoScorer&, const Live&, double*)
{
    return nullptr;
}
template <class Team>
void erase(const Team&, NoScorer&, const int*, int)
{
}
inline void place(Arrays&, NoScorer&, int) {}

} // namespace winnow::kernel
