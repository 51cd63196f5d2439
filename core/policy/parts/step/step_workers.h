// SPDX-License-Identifier: GPL-3.0-or-later
// What the lane workers of the step parts share: they own the arrays of a kernel text's state (core/policy/kernels) and let the
// team of one run it.
#pragma once

#include "core/kernels/team.h"
#include "core/policy/kernel_part.h"
#include "core/policy/kernels/lowest.h"
#include "core/policy/lane_parts.h"

#include <cstddef>
#include <vector>

namespace winnow {

inline constexpr kernel::HostTeam kHostTeam{};

/// The array of `values` with room for `count` at least; what it holds stays.
template <class T>
T* roomFor(std::vector<T>& values, std::size_t count)
{
    if (values.size() < count)
        values.resize(count + count / 2);
    return values.data();
}

inline kernel::Live liveAt(int step, std::span<const std::int32_t> positions)
{
    return {.step = step, .positions = positions.data(), .slots = static_cast<int>(positions.size())};
}

inline kernel::Choice kernelChoice(const SlotChoice& choice)
{
    return {.live = liveAt(choice.step, choice.positions),
            .scores = choice.scores.data(),
            .among = {.begin = choice.begin, .end = choice.end, .count = choice.count}};
}

/// Memory for choices; `count`: candidates, or slots.
class ChoiceScratch {
public:
    kernel::LowestScratch lowest(int count)
    {
        const auto room = static_cast<std::size_t>(count);
        return {.scores = roomFor(m_numbers, room), .equals = roomFor(m_slots, room)};
    }
    kernel::LeftScratch left(int count)
    {
        const auto room = static_cast<std::size_t>(count);
        return {.left = roomFor(m_slots, room), .stays = roomFor(m_marks, room)};
    }

private:
    std::vector<double> m_numbers;
    std::vector<int> m_slots;
    std::vector<kernel::Byte> m_marks;
};

} // namespace winnow
