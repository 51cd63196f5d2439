// SPDX-License-Identifier: GPL-3.0-or-later
// Products of many queries with the same rows, which are laid out channel by channel for that. Compiled for several instruction
// sets and chosen at run time (Highway). Single precision; any thread; allocates nothing and cannot fail.
#pragma once

#include <cstddef>

namespace winnow::column_kernels {

/// What counts and pitches are multiples of.
inline constexpr std::size_t kTogether = 32;

/// The pitch for `count` columns: an odd multiple of kTogether, since channels at a power of two would share their place in the
/// nearest cache.
inline std::size_t pitchOf(std::size_t count)
{
    const std::size_t pieces = (count + kTogether - 1) / kTogether;
    return (pieces + 1 - pieces % 2) * kTogether;
}

/// columns[c · pitch + j] = rows[index[j] · d + c] for j < count, 0 for the j behind up to the pitch.
void layOut(const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, std::size_t pitch, float* columns);

/// out[i · pitch + j] = Σ_c queries[i · stride + c] · columns[c · pitch + j], for i < queryCount and j < count, in the order of
/// c. Columns are read once for every four queries. Arrays need no alignment and must not overlap.
void dotColumns(const float* queries, std::size_t queryCount, std::size_t stride, const float* columns, std::size_t count,
                std::size_t pitch, std::size_t d, float* out);

} // namespace winnow::column_kernels
