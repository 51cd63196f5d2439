// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: TreeKV's walk. Of the two slots in the scope {idx, idx + 1} the one with the lower score goes; a tie takes the
// older.
#pragma once

#include "core/policy/kernels/candidates.h"

namespace winnow::kernel {

struct TreeScope {
    int idx = 1;            ///< the cursor, from 1 as in the paper
    int region = 1;         ///< slots of the region that survive a step, at least 1
    bool literal = false;   ///< the cursor moves as line 16 of the algorithm says, not as the text does
    bool keepsLeft = false; ///< the right one goes, whatever the scores
    int other = 0;          ///< of the pair compared last, the candidate that stayed
};

/// Which of `count` candidates goes; moves the cursor on. slotOf(i): the i-th of them. A single candidate has no pair to compare
/// with.
template <class SlotOf>
int nextInScope(TreeScope& state, const double* scores, int count, const SlotOf& slotOf)
{
    const int left = state.idx < count ? state.idx - 1 : count - 1, right = left + 1 < count ? left + 1 : left;
    const bool rightGoes = state.keepsLeft || scores[slotOf(left)] > scores[slotOf(right)];
    state.idx = (state.literal ? state.idx + 1 : state.idx) % state.region + 1;
    state.other = rightGoes ? left : right;
    return rightGoes ? right : left;
}

/// `scores`: of all slots; null where the left slot always stays. Writes the slots that go, ascending, to `victims`. `lostTo`
/// (null: not wanted): entry i gets the slot that candidate i was compared with when it went.
template <class Team>
void treeScope(const Team& team, TreeScope& state, const double* scores, const Candidates& among, const LeftScratch& scratch,
               int* victims, int* lostTo = nullptr)
{
    if (among.count == 1) {
        const int slot = among.begin + nextInScope(state, scores, among.size(), [&](int i) { return among.begin + i; });
        team.alone([&] {
            victims[0] = slot;
            if (lostTo)
                lostTo[slot - among.begin] = among.begin + state.other;
        });
        return;
    }
    const auto next = [&](int, int left) {
        const int at = nextInScope(state, scores, left, [&](int i) { return among.begin + scratch.left[i]; });
        if (lostTo)
            team.alone([&] { lostTo[scratch.left[at]] = among.begin + scratch.left[state.other]; });
        return at;
    };
    takeOneByOne(team, among, scratch, next, victims);
}

} // namespace winnow::kernel
