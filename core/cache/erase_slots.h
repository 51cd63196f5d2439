// SPDX-License-Identifier: GPL-3.0-or-later
// Removes slots from per-slot arrays. Every such array is compacted by this function.
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
    const auto at = [&](std::size_t slot) { return values.begin() + static_cast<std::ptrdiff_t>(slot * width); };
    const std::size_t slots = values.size() / width;
    auto to = at(static_cast<std::size_t>(victims.front()));
    for (std::size_t i = 0; i < victims.size(); ++i) // what lies between two victims moves up
        to = std::copy(at(static_cast<std::size_t>(victims[i]) + 1),
                       at(i + 1 < victims.size() ? static_cast<std::size_t>(victims[i + 1]) : slots), to);
    values.erase(to, values.end());
}

} // namespace winnow
