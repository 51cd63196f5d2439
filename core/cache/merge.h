// SPDX-License-Identifier: GPL-3.0-or-later
// Merges that a policy names: a slot is added to others instead of being dropped. Also, with which slot its tokens are counted
// afterwards.
#pragma once

#include <span>
#include <vector>

namespace winnow {

/// One slot goes into others, in every KV head of the lane. For each of the slots [into, into + count):
/// key = keyStays · key + keyComes · key of `from`, and values likewise. Where `from` leaves, its tokens are counted with the
/// first of those slots that stays.
struct Merge {
    int from = 0, into = 0, count = 1;
    float keyStays = 1, keyComes = 0, valueStays = 1, valueComes = 0;
    /// Whether the slot `into` stands for the tokens of `from` too. Values alone do not make a slot stand for more.
    bool addsTokens() const { return keyComes != 0; }
};

/// For every victim (ascending slots) the slot that its tokens are counted with from now on; −1 = they are dropped.
/// Cost: merges · log(victims).
std::vector<int> mergeTargets(std::span<const Merge> merges, std::span<const int> victims);

} // namespace winnow
