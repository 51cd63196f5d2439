// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/matching_blocks.h"

#include <unordered_map>
#include <vector>

namespace winnow::tasks {

namespace {

constexpr std::size_t kCrowdedFrom = 200; // characters of b from which on frequent ones begin no piece

using Places = std::unordered_map<char32_t, std::vector<std::size_t>>;

struct Range {
    std::size_t aBegin, aEnd, bBegin, bEnd;
};

struct Piece {
    std::size_t a, b, length = 0;
};

/// Where each character stands in b, but for those that are too frequent.
Places placesIn(CharactersView b)
{
    Places places;
    for (std::size_t j = 0; j < b.size(); ++j)
        places[b[j]].push_back(j);
    if (b.size() >= kCrowdedFrom)
        std::erase_if(places, [most = b.size() / 100 + 1](const auto& one) { return one.second.size() > most; });
    return places;
}

/// The first of the longest pieces that begin with a character of `places`, then made longer to both sides. `lengths` and
/// `next` are scratch space, [|b| + 1], all 0 before and after.
Piece longestPiece(CharactersView a, CharactersView b, const Range& range, const Places& places,
                   std::vector<std::size_t>& lengths, std::vector<std::size_t>& next, Watch& watch)
{
    Piece best{range.aBegin, range.bBegin};
    const std::vector<std::size_t>* before = nullptr; // the places written into `lengths`
    const auto clear = [&](std::vector<std::size_t>& row, const std::vector<std::size_t>* written) {
        if (written != nullptr)
            for (const std::size_t j : *written)
                row[j + 1] = 0;
    };
    for (std::size_t i = range.aBegin; i < range.aEnd; ++i) {
        const auto found = places.find(a[i]);
        const std::vector<std::size_t>* here = found == places.end() ? nullptr : &found->second;
        if (watch.stopped(here == nullptr ? 1 : here->size() + 1))
            return {};
        if (here != nullptr)
            for (const std::size_t j : *here) {
                if (j < range.bBegin)
                    continue;
                if (j >= range.bEnd)
                    break;
                const std::size_t length = next[j + 1] = lengths[j] + 1;
                if (length > best.length)
                    best = {i + 1 - length, j + 1 - length, length};
            }
        clear(lengths, before);
        std::swap(lengths, next);
        before = here;
    }
    clear(lengths, before);
    while (best.a > range.aBegin && best.b > range.bBegin && a[best.a - 1] == b[best.b - 1])
        best = {best.a - 1, best.b - 1, best.length + 1};
    while (best.a + best.length < range.aEnd && best.b + best.length < range.bEnd &&
           a[best.a + best.length] == b[best.b + best.length])
        ++best.length;
    return best;
}

} // namespace

std::size_t matchedCharacters(CharactersView a, CharactersView b, Watch& watch)
{
    const Places places = placesIn(b);
    std::vector<std::size_t> lengths(b.size() + 1), next(b.size() + 1);
    std::vector<Range> open{{0, a.size(), 0, b.size()}};
    std::size_t matched = 0;
    while (!open.empty()) {
        const Range range = open.back();
        open.pop_back();
        const Piece piece = longestPiece(a, b, range, places, lengths, next, watch);
        if (piece.length == 0)
            continue;
        matched += piece.length;
        if (range.aBegin < piece.a && range.bBegin < piece.b)
            open.push_back({range.aBegin, piece.a, range.bBegin, piece.b});
        if (piece.a + piece.length < range.aEnd && piece.b + piece.length < range.bEnd)
            open.push_back({piece.a + piece.length, range.aEnd, piece.b + piece.length, range.bEnd});
    }
    return matched;
}

} // namespace winnow::tasks
