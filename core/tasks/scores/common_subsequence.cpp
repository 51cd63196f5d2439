// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/common_subsequence.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace winnow::tasks {

namespace {

using Word = std::uint64_t;
using Rows = std::span<Word>;

/// One row of the table from the one above it: a bit of `row` is 0 where the length grows with that column.
void nextRow(Rows row, std::span<const Word> equal)
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

std::size_t commonLength(CharactersView a, CharactersView b, Watch& watch)
{
    const std::size_t width = (b.size() + 63) / 64;
    std::unordered_map<char32_t, std::vector<Word>> places;
    for (std::size_t j = 0; j < b.size(); ++j) {
        auto& bits = places[b[j]];
        bits.resize(width);
        bits[j / 64] |= Word{1} << (j % 64);
    }
    std::vector<Word> row(width, ~Word{0});
    for (const char32_t character : a) {
        if (watch.stopped(width + 1))
            break;
        if (const auto found = places.find(character); found != places.end())
            nextRow(row, found->second);
    }
    return lengthAt(row, b.size());
}

void CommonPaths::setY(std::span<const std::uint32_t> y)
{
    for (const std::uint32_t word : m_y)
        std::fill_n(m_places.begin() + static_cast<std::ptrdiff_t>(word * m_width), m_width, 0);
    m_y.assign(y.begin(), y.end());
    m_width = (y.size() + 63) / 64;
    if (m_places.size() < m_words * m_width)
        m_places.resize(m_words * m_width);
    for (std::size_t j = 0; j < y.size(); ++j)
        m_places[y[j] * m_width + j / 64] |= Word{1} << (j % 64);
}

CommonPath CommonPaths::path(std::span<const std::uint32_t> x, CommonTies ties, Watch& watch)
{
    m_table.assign((x.size() + 1) * m_width, ~Word{0}); // row i: after i words of x
    const auto rowAt = [&](std::size_t i) { return Rows(m_table).subspan(i * m_width, m_width); };
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (watch.stopped(m_width))
            return {};
        std::ranges::copy(rowAt(i), rowAt(i + 1).begin());
        nextRow(rowAt(i + 1), std::span<const Word>(m_places).subspan(x[i] * m_width, m_width));
    }

    CommonPath path;
    std::size_t i = x.size(), j = m_y.size();
    std::size_t here = lengthAt(rowAt(i), j), above = i > 0 ? lengthAt(rowAt(i - 1), j) : 0; // L[i][j], L[i − 1][j]
    while (i > 0 && j > 0) {
        ++path.moves;
        if (watch.stopped(m_width))
            return {};
        const std::size_t left = here - (grows(rowAt(i), j - 1) ? 1 : 0), corner = above - (grows(rowAt(i - 1), j - 1) ? 1 : 0);
        const bool same = x[i - 1] == m_y[j - 1];
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
