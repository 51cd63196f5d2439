// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: random choices. Each random number is a hash of its purpose (seed, step, round, position), so that the draws are
// the same on every machine and device.
#pragma once

#include "core/policy/kernels/hash.h"
#include "core/policy/kernels/lowest.h"

namespace winnow::kernel {

/// A selector: candidates are drawn uniformly, one after the other and without replacement, by a hash of (seed, step, round).
struct RandomGoes {
    Word seed = 0;
    LeftScratch scratch;
};

inline void place(Arrays& arrays, RandomGoes& state, int slots) { place(arrays, state.scratch, slots); }

/// Writes the slots that go, ascending, to `victims` and returns their number.
template <class Team>
int choose(const Team& team, const RandomGoes& state, const Choice& choice, int* victims)
{
    const Word atStep = mixed(state.seed, static_cast<Word>(choice.live.step));
    const auto next = [&](int round, int left) {
        return static_cast<int>(mixed(atStep, static_cast<Word>(round)) % static_cast<Word>(left));
    };
    const Candidates& among = choice.among;
    if (among.count > 1) {
        takeOneByOne(team, among, state.scratch, next, victims);
    } else {
        const int slot = among.begin + next(0, among.size());
        team.alone([&] { victims[0] = slot; });
    }
    return among.count;
}

/// A selector: keeps the best, and draws `drawn` of those that stay from the others, with probabilities softmax(score /
/// temperature).
struct DrawnByScore {
    int drawn = 0;
    double temperature = 1;
    Word seed = 0;
    double* lots = nullptr; ///< room for one number per candidate; likewise `others` and `scratch`
    int* others = nullptr;
    LowestScratch scratch;
};

inline void place(Arrays& arrays, DrawnByScore& state, int slots)
{
    state.lots = arrays.take<double>(slots);
    state.others = arrays.take<int>(slots);
    place(arrays, state.scratch, slots);
}

/// The slots that go, ascending, to `victims`; returns their number, as `lowest` does.
template <class Team>
int choose(const Team& team, const DrawnByScore& state, const Choice& choice, int* victims)
{
    const double* scores = choice.scores;
    const Candidates& among = choice.among;
    const int stay = among.size() - among.count, best = stay > state.drawn ? stay - state.drawn : 0;
    const int others = lowest(team, scores, Candidates{among.begin, among.end, among.size() - best}, state.scratch, state.others);
    team.forEach(0, others, [&](int i) {
        const int slot = state.others[i];
        const double lot = uniform(mixed(state.seed, static_cast<Word>(choice.live.positions[slot])));
        state.lots[i] = scores[slot] / state.temperature - team.logarithm(-team.logarithm(lot));
    });
    if (others < among.count)
        return 0;
    const int count = lowest(team, state.lots, Candidates{0, others, among.count}, state.scratch, victims);
    team.forEach(0, count, [&](int i) { victims[i] = state.others[victims[i]]; });
    return count;
}

} // namespace winnow::kernel
