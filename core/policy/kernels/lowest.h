// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the lowest scores go; of equals the newer. And the choice that needs no scores: the oldest go.
#pragma once

#include "core/policy/kernels/candidates.h"

namespace winnow::kernel {

/// Room for as many numbers as there are candidates.
struct LowestScratch {
    double* scores = nullptr;
    int* equals = nullptr;
};

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

/// The oldest candidates, ascending, to `victims`.
template <class Team>
void oldest(const Team& team, const Candidates& among, int* victims)
{
    team.forEach(0, among.count, [&](int i) { victims[i] = among.begin + i; });
}

} // namespace winnow::kernel
