// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: TreeKV's walk over blocks of the prompt.
#pragma once

#include "core/policy/kernels/candidates.h"

namespace winnow::kernel {

/// The blocks of the slots [begin, end): they are aligned at the end, so the first one may be short.
struct Blocks {
    int begin = 0, end = 0, block = 1;
    int count() const { return end > begin ? (end - begin + block - 1) / block : 0; }
    int start(int i) const { return i == 0 ? begin : end - (count() - i) * block; }
    int stop(int i) const { return end - (count() - 1 - i) * block; }
};

/// Room for as many numbers as there are blocks, and slots.
struct TreeBlocksScratch {
    double* means = nullptr;
    int* kept = nullptr;
    Byte* stays = nullptr;
};

/// Walks through `count` blocks with `scores`; keeps `capacity` of them at most. Writes the numbers of the kept blocks,
/// ascending, to `kept` and returns their count.
template <class Team>
int survivingBlocks(const Team& team, const double* scores, int count, int capacity, int* kept)
{
    int held = 0, idx = 1; // from 1, as in the paper
    for (int block = 0; block < count && capacity > 0; ++block) {
        team.alone([&] { kept[held] = block; });
        if (++held <= capacity)
            continue;
        const int left = idx - 1, at = scores[kept[left]] > scores[kept[left + 1]] ? left + 1 : left;
        team.erase(kept, held--, &at, 1);
        idx = idx % capacity + 1;
    }
    return held;
}

/// Writes the slots that leave at the end of the prompt, ascending, to `victims` and returns their number, which may exceed
/// `among.count`. The last `block` slots and those from `among.end` on stay. Where the budget holds fewer than these, the newest
/// of them stay.
template <class Team>
int treeBlocks(const Team& team, const double* scores, int slots, int block, const Candidates& among,
               const TreeBlocksScratch& scratch, int* victims)
{
    int end = slots - block; // where the blocks that may go end
    if (among.end < end)
        end = among.end;
    if (end < among.begin)
        end = among.begin;
    const Blocks blocks{among.begin, end, block};
    const int count = blocks.count();
    for (int i = 0; i < count; ++i) {
        const double sum = team.sum(blocks.start(i), blocks.stop(i), [&](int slot) { return scores[slot]; });
        team.alone([&] { scratch.means[i] = sum / (blocks.stop(i) - blocks.start(i)); });
    }
    const int room = slots - among.count - among.begin - (slots - end);
    const int stay = survivingBlocks(team, scratch.means, count, room > 0 ? room / block : 0, scratch.kept);
    team.fill(scratch.stays, slots, Byte(0));
    for (int i = 0; i < stay; ++i) {
        const int kept = scratch.kept[i];
        team.forEach(blocks.start(kept), blocks.stop(kept), [&](int slot) { scratch.stays[slot] = 1; });
    }
    int gone = team.listOf(
        among.begin, end, [&](int slot) { return scratch.stays[slot] == 0; }, victims);
    const int more = among.count > gone ? among.count - gone : 0;
    team.forEach(0, more, [&](int i) { victims[gone + i] = end + i; });
    return gone + more;
}

} // namespace winnow::kernel
