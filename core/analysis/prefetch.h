// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for lifetimes before they are read: a block takes a few lines of every lane, too few for the processor to foresee the
// next.
#pragma once

#include <cstdint>

namespace winnow {

/// Numbers row[0] … row[size − 1]; nothing is read, so they need not exist.
inline void prefetchRow(const std::int32_t* row, int size)
{
    constexpr int kLine = 16; // numbers of a line of the cache
    for (int i = 0; i < size; i += kLine)
        __builtin_prefetch(row + i);
}

} // namespace winnow
