// SPDX-License-Identifier: GPL-3.0-or-later
// Longest common subsequences, by bits: 64 columns of the table at once. Hyyro, "Bit-parallel LCS-length computation revisited"
// (2004). Pure; any thread.
#pragma once

#include "core/tasks/text/python_text.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow::tasks {

/// Its length. Cost: |a| · |b| / 64.
std::size_t commonLength(CharactersView a, CharactersView b);

/// Which of several longest ones is read back from the end of the table L, where the last words of x[0, i) and y[0, j) differ.
enum class CommonTies {
    LeaveX, ///< x gives its word up unless L[i][j − 1] > L[i − 1][j]
    LeaveY, ///< y gives its word up unless L[i − 1][j] > L[i][j − 1]
};

struct CommonPath {
    std::vector<std::uint32_t> inX; ///< ascending: the places in x of the words of the subsequence
    std::size_t moves = 0;          ///< how many words of x and y were taken or given up until one side was empty
};

/// Words as numbers. Cost: |x| · |y| / 64, memory |x| · |y| / 8 bytes.
CommonPath commonPath(std::span<const std::uint32_t> x, std::span<const std::uint32_t> y, CommonTies ties);

} // namespace winnow::tasks
