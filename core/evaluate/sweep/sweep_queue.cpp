// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/sweep_queue.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

SweepQueue::SweepQueue(const std::vector<SweepCell>& cells, const std::vector<std::size_t>& todo, std::size_t workers)
    : m_cells(cells), m_held(workers), m_lastModel(workers)
{
    for (auto& unit : unitsOf(cells, todo, cellsTogether(todo.size(), workers)))
        m_waiting.push_back(std::move(unit));
}

std::vector<std::size_t> SweepQueue::take(std::size_t worker)
{
    WINNOW_CHECK(m_held[worker].empty(), "worker {} has cells already", worker);
    if (m_waiting.empty())
        return {};
    auto unit =
        std::ranges::find_if(m_waiting, [&](const auto& one) { return m_cells[one.front()].model == m_lastModel[worker]; });
    if (unit == m_waiting.end())
        unit = m_waiting.begin();
    m_held[worker] = std::move(*unit);
    m_waiting.erase(unit);
    m_lastModel[worker] = m_cells[m_held[worker].front()].model;
    ++m_busy;
    return m_held[worker];
}

std::vector<std::size_t> SweepQueue::end(std::size_t worker)
{
    WINNOW_CHECK(!m_held[worker].empty(), "worker {} has no cells", worker);
    --m_busy;
    return std::exchange(m_held[worker], {});
}

void SweepQueue::done(std::size_t worker) { m_done += end(worker).size(); }

void SweepQueue::failed(std::size_t worker, const std::string& why)
{
    const std::vector<std::size_t> unit = end(worker);
    if (unit.size() == 1) {
        m_failures[unit.front()] = why;
        return;
    }
    for (auto cell = unit.rbegin(); cell != unit.rend(); ++cell)
        m_waiting.push_front({*cell});
}

} // namespace winnow
