// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the lowest scores go; of equals the newer. And the choice that needs no scores: the oldest go.
#pragma once

#include "core/policy/kernels/parts.h"

namespace winnow::kernel {

/// Room for as many numbers as there are candidates.
struct LowestScratch {
    double* scores = nullptr;
    int* equals = nullptr;
};

inline void place(Arrays& arrays, LowestScratch& scratch, int slots)
{
    scratch.scores = arrays.take<double>(slots);
    scratch.equals = arrays.take<int>(slots);
}

/// `scores`: of all slots. Writes the slots that go, ascending, to `victims` and returns their number: `among.count`, or fewer
/// where scores of candidates are NaN.
template <class Team>
int lowest(const Team& team, const double* scores, const Candidates& among, const LowestScratch& scratch, int* victims)
{
    if (among.count == 1) {
        const int slot = team.smallest(scores, among.begin, among.end, Tie::Last);
        team.alone([&] { victims[0] = slot; });
        return 1;
    }
    team.copy(scores + among.begin, among.size(), scratch.scores);
    const double bound = team.kthSmallest(scratch.scores, among.size(), among.count - 1); // the highest that goes
    const int below = team.listOf(
        among.begin, among.end, [&](int slot) { return scores[slot] < bound; }, victims);
    const int equals = team.listOf(
        among.begin, among.end, [&](int slot) { return scores[slot] == bound; }, scratch.equals);
    const int with = among.count - below; // of those that have just this score
    if (with <= 0 || with > equals)
        return below;
    const int oldest = scratch.equals[equals - with];
    return team.listOf(
        among.begin, among.end, [&](int slot) { return scores[slot] < bound || (scores[slot] == bound && slot >= oldest); },
        victims);
}

/// A selector: the lowest go, at least `atOnce` of them where there are so many candidates; 0 where scores of candidates are no
/// numbers.
struct LowestGoes {
    int atOnce = 1;
    LowestScratch scratch;
};

inline void place(Arrays& arrays, LowestGoes& state, int slots) { place(arrays, state.scratch, slots); }

template <class Team>
int choose(const Team& team, const LowestGoes& state, const Choice& choice, int* victims)
{
    Candidates among = choice.among;
    const int most = state.atOnce < among.size() ? state.atOnce : among.size();
    if (among.count < most)
        among.count = most;
    return lowest(team, choice.scores, among, state.scratch, victims) == among.count ? among.count : 0;
}

/// A selector: the oldest candidates go.
struct OldestGoes {};

inline void place(Arrays&, OldestGoes&, int) {}

template <class Team>
int choose(const Team& team, const OldestGoes&, const Choice& choice, int* victims)
{
    const Candidates& among = choice.among;
    team.forEach(0, among.count, [&](int i) { victims[i] = among.begin + i; });
    return among.count;
}

} // namespace winnow::kernel
