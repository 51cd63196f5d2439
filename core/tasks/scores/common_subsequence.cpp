// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/common_subsequence.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace winnow::tasks {

namespace {

using Word = std::uint64_t;
using Rows = std::span<Word>;

/// For every symbol of y: at which places it stands, as bits.
template <class Symbol, class Text>
std::unordered_map<Symbol, std::vector<Word>> placesIn(const Text& y)
{
    std::unordered_map<Symbol, std::vector<Word>> places;
    for (std::size_t j = 0; j < y.size(); ++j) {
        auto& bits = places[y[j]];
        bits.resize((y.size() + 63) / 64);
        bits[j / 64] |= Word{1} << (j % 64);
    }
    return places;
}

/// One row of the table from the one above it: a bit of `row` is 0 where the length grows with that column.
void nextRow(Rows row, const std::vector<Word>& equal)
{
    Word carry = 0;
    for (std::size_t w = 0; w < row.size(); ++w) {
        const Word old = row[w], taken = old & equal[w];
        const Word first = old + taken, sum = first + carry;
        carry = first < old || sum < first ? 1 : 0;
        row[w] = sum | (old & ~equal[w]);
    }
}

bool grows(std::span<const Word> row, std::size_t column) { return ((row[column / 64] >> (column % 64)) & 1) == 0; }

std::size_t lengthAt(std::span<const Word> row, std::size_t columns)
{
    std::size_t length = 0;
    for (std::size_t w = 0; w < columns / 64; ++w)
        length += static_cast<std::size_t>(std::popcount(~row[w]));
    if (columns % 64 != 0)
        length += static_cast<std::size_t>(std::popcount(~row[columns / 64] & ((Word{1} << (columns % 64)) - 1)));
    return length;
}

} // namespace

std::size_t commonLength(CharactersView a, CharactersView b)
{
    const auto places = placesIn<char32_t>(b);
    std::vector<Word> row((b.size() + 63) / 64, ~Word{0});
    for (const char32_t character : a)
        if (const auto found = places.find(character); found != places.end())
            nextRow(row, found->second);
    return lengthAt(row, b.size());
}

CommonPath commonPath(std::span<const std::uint32_t> x, std::span<const std::uint32_t> y, CommonTies ties)
{
    const auto places = placesIn<std::uint32_t>(y);
    const std::size_t width = (y.size() + 63) / 64;
    std::vector<Word> table((x.size() + 1) * width, ~Word{0}); // row i: after i words of x
    const auto rowAt = [&](std::size_t i) { return Rows(table).subspan(i * width, width); };
    for (std::size_t i = 0; i < x.size(); ++i) {
        std::ranges::copy(rowAt(i), rowAt(i + 1).begin());
        if (const auto found = places.find(x[i]); found != places.end())
            nextRow(rowAt(i + 1), found->second);
    }

    CommonPath path;
    std::size_t i = x.size(), j = y.size();
    std::size_t here = lengthAt(rowAt(i), j), above = i > 0 ? lengthAt(rowAt(i - 1), j) : 0; // L[i][j], L[i − 1][j]
    while (i > 0 && j > 0) {
        ++path.moves;
        const std::size_t left = here - (grows(rowAt(i), j - 1) ? 1 : 0), corner = above - (grows(rowAt(i - 1), j - 1) ? 1 : 0);
        const bool same = x[i - 1] == y[j - 1];
        const bool leaveX = !same && (ties == CommonTies::LeaveX ? left <= above : above > left);
        if (same)
            path.inX.push_back(static_cast<std::uint32_t>(i - 1));
        if (same || !leaveX)
            --j;
        if (same || leaveX)
            --i;
        here = same ? corner : leaveX ? above : left;
        above = i == 0 ? 0 : same || leaveX ? lengthAt(rowAt(i - 1), j) : corner;
    }
    std::ranges::reverse(path.inX);
    return path;
}

} // namespace winnow::tasks
