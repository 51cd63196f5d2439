// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/lane_record.h"

#include "core/kernels/slot_kernels.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

/// The lowest score among the slots that stay although they could have gone; NaN where none of them has one.
float lowestKept(const Decision& decision)
{
    const std::span<const double> scores = decision.scores;
    const std::span<const int> victims = decision.victims; // all of them could go
    double lowest = std::numeric_limits<double>::infinity();
    bool found = false; // an infinite score, where there is no smaller one
    auto begin = static_cast<std::size_t>(decision.begin);
    for (std::size_t i = 0; i <= victims.size(); ++i) { // what lies between two victims stays
        const auto end = static_cast<std::size_t>(i < victims.size() ? victims[i] : decision.end);
        const std::span<const double> stay = scores.subspan(begin, end - begin);
        lowest = std::min(lowest, slot_kernels::smallest(stay.data(), stay.size()));
        found = found || (std::isinf(lowest) && std::find(stay.begin(), stay.end(), lowest) != stay.end());
        begin = end + 1;
    }
    return found || std::isfinite(lowest) ? static_cast<float>(lowest) : std::numeric_limits<float>::quiet_NaN();
}

} // namespace

void LaneRecord::left(std::int32_t token, int step)
{
    for (int lane = 0; lane < m_lanes; ++lane)
        m_result.evictStep[cell(lane, token)] = step;
}

void LaneRecord::evicted(int step, std::span<const std::int32_t> tokens, const Decision& decision)
{
    const std::span<const double> scores = decision.scores;
    const float lowest = scores.empty() ? std::numeric_limits<float>::quiet_NaN() : lowestKept(decision);
    for (const int victim : decision.victims) {
        const std::int32_t token = tokens[static_cast<std::size_t>(victim)];
        left(token, step);
        for (int lane = 0; !scores.empty() && lane < m_lanes; ++lane) {
            m_result.scoreAtEviction[cell(lane, token)] = static_cast<float>(scores[static_cast<std::size_t>(victim)]);
            m_result.lowestKept[cell(lane, token)] = lowest;
        }
    }
}

void LaneRecord::merged(std::span<const std::int32_t> victims, std::span<const std::int32_t> targets)
{
    for (std::size_t i = 0; i < victims.size(); ++i)
        for (int lane = 0; targets[i] >= 0 && lane < m_lanes; ++lane)
            m_result.mergedInto[cell(lane, victims[i])] = targets[i];
}

void LaneRecord::metrics(int lane, int step, float mass, float error)
{
    m_result.mass[cell(lane, step)] = mass;
    m_result.error[cell(lane, step)] = error;
}

void LaneRecord::stored(int step, std::size_t slots)
{
    for (int lane = 0; lane < m_lanes; ++lane)
        m_result.occupancy[cell(lane, step)] = static_cast<std::int32_t>(slots);
}

void LaneRecord::read(int step, std::span<const int> pages)
{
    for (int lane = 0; lane < m_lanes; ++lane)
        markRead(m_result, m_layer, m_firstLane + lane, step, pages);
}

} // namespace winnow
