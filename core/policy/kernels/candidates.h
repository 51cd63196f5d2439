// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: which slots may leave, and the loop of choices that take one slot after the other.
#pragma once

#include "core/kernels/prelude.h"

namespace winnow::kernel {

/// The slots that may leave: [begin, end), of which `count` must leave, 0 < count ≤ end − begin. Slots outside are protected.
struct Candidates {
    int begin = 0, end = 0, count = 0;
    int size() const { return end - begin; }
};

/// How many of the slots `gone` (ascending) lie below `slots`. A per-slot array of length `slots` has no entries for the others.
inline int known(const int* gone, int count, int slots)
{
    int below = count;
    while (below > 0 && gone[below - 1] >= slots)
        --below;
    return below;
}

/// Scratch memory for choices that take one slot after the other: one entry per candidate in each array.
struct LeftScratch {
    int* left = nullptr; ///< candidates that are left, counted from `begin`
    Byte* stays = nullptr;
};

/// Takes `among.count` candidates, one after the other, and writes their slots, ascending, to `victims`. next(round, n) returns
/// which of the n entries left in `scratch.left` is taken.
template <class Team, class Next>
void takeOneByOne(const Team& team, const Candidates& among, const LeftScratch& scratch, const Next& next, int* victims)
{
    team.forEach(0, among.size(), [&](int i) { scratch.left[i] = i; });
    int left = among.size();
    for (int round = 0; round < among.count; ++round, --left) {
        const int at = next(round, left);
        team.erase(scratch.left, left, &at, 1);
    }
    team.fill(scratch.stays, among.size(), Byte(0));
    team.forEach(0, left, [&](int i) { scratch.stays[scratch.left[i]] = 1; });
    team.listOf(
        among.begin, among.end, [&](int slot) { return scratch.stays[slot - among.begin] == 0; }, victims);
}

} // namespace winnow::kernel
