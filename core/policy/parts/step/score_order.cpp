// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/score_order.h"

#include <algorithm>
#include <numeric>

namespace winnow {

std::span<const int> ScoreOrder::of(std::size_t count)
{
    for (auto slot = static_cast<int>(m_slots.size()); slot < static_cast<int>(count); ++slot)
        m_slots.push_back(slot);
    return m_slots;
}

void ScoreOrder::choose(std::span<const int> victims, std::span<const double> scores, int window)
{
    of(scores.size());
    const auto old = m_slots.end() - std::min(static_cast<std::ptrdiff_t>(window), std::ssize(m_slots));
    std::sort(m_slots.begin(), old, [&](int a, int b) {
        const double x = scores[static_cast<std::size_t>(a)], y = scores[static_cast<std::size_t>(b)];
        return x > y || (x == y && a < b);
    });
    erase(victims);
}

void ScoreOrder::erase(std::span<const int> victims)
{
    m_gone.assign(m_slots.size(), 0); // becomes how many slots up to each have left
    for (const int victim : victims)
        if (static_cast<std::size_t>(victim) < m_gone.size())
            m_gone[static_cast<std::size_t>(victim)] = 1;
    std::erase_if(m_slots, [&](int slot) { return m_gone[static_cast<std::size_t>(slot)] != 0; });
    std::partial_sum(m_gone.begin(), m_gone.end(), m_gone.begin());
    for (int& slot : m_slots)
        slot -= m_gone[static_cast<std::size_t>(slot)];
}

} // namespace winnow
