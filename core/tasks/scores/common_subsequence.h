// SPDX-License-Identifier: GPL-3.0-or-later
// Longest common subsequences, by bits: 64 columns of the table at once. Hyyro, "Bit-parallel LCS-length computation revisited"
// (2004). Pure; any thread.
#pragma once

#include "core/tasks/scores/watch.h"
#include "core/tasks/text/python_text.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow::tasks {

/// Its length. Cost: |a| · |b| / 64.
std::size_t commonLength(CharactersView a, CharactersView b, Watch& watch = Watch::none());

/// Which of several longest ones is read back from the end of the table L, where the last words of x[0, i) and y[0, j) differ.
enum class CommonTies {
    LeaveX, ///< x gives its word up unless L[i][j − 1] > L[i − 1][j]
    LeaveY, ///< y gives its word up unless L[i − 1][j] > L[i][j − 1]
};

struct CommonPath {
    std::vector<std::uint32_t> inX; ///< ascending: the places in x of the words of the subsequence
    std::size_t moves = 0;          ///< how many words of x and y were taken or given up until one side was empty
};

/// Finds paths between many x and one y at a time; keeps its memory. Words as numbers below `words`.
class CommonPaths {
public:
    explicit CommonPaths(std::size_t words) : m_words(words) {}

    /// The y of the paths from here on. Cost: |y|, and words · |y| / 64 where y is longer than all
    /// before.
    void setY(std::span<const std::uint32_t> y);
    /// Cost: |x| · |y| / 64, memory |x| · |y| / 8 bytes.
    CommonPath path(std::span<const std::uint32_t> x, CommonTies ties, Watch& watch = Watch::none());

private:
    std::size_t m_words;
    std::vector<std::uint32_t> m_y;
    std::size_t m_width = 0;             ///< machine words of a row
    std::vector<std::uint64_t> m_places; ///< [words, width]: where each word stands in y, as bits
    std::vector<std::uint64_t> m_table;  ///< [|x| + 1, width]
};

} // namespace winnow::tasks
