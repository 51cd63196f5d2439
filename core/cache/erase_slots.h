// SPDX-License-Identifier: GPL-3.0-or-later
// Removing slots from what is kept per slot: every such array is compacted in this one way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace winnow {

/// Removes the entries at `victims` (ascending) from a per-slot array and keeps the order of the others. An entry is `width`
/// values. Cost: one pass from the first victim.
template <class T>
void eraseSlots(std::vector<T>& values, std::span<const int> victims, std::size_t width = 1)
{
    if (victims.empty())
        return;
    const std::size_t slots = values.size() / width;
    std::size_t next = 0;
    auto to = static_cast<std::size_t>(victims.front());
    for (std::size_t from = to; from < slots; ++from) {
        if (next < victims.size() && from == static_cast<std::size_t>(victims[next])) {
            ++next;
            continue;
        }
        if (width == 1)
            values[to] = values[from];
        else
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(from * width), width,
                        values.begin() + static_cast<std::ptrdiff_t>(to * width));
        ++to;
    }
    values.resize(to * width);
}

} // namespace winnow
