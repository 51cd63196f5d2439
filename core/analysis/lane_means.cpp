// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/lane_means.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace winnow {

namespace {
constexpr std::size_t kSums = 4; // side by side: one sum would wait for itself
}

LaneSums::LaneSums(const PolicyReplay& policy, const Metric& metric, StepSpan steps)
    : m_policy(policy), m_metric(metric), m_begin(static_cast<std::size_t>(std::max(0, steps.begin))),
      m_size(static_cast<std::size_t>(std::max(0, steps.end - steps.begin))),
      m_values((m_size + kSums - 1) / kSums * kSums, std::numeric_limits<double>::quiet_NaN())
{
}

LaneSum LaneSums::of(int lane)
{
    std::array<double, kSums> sums{}, counts{};
    m_metric.fill(m_policy, static_cast<std::size_t>(lane) * static_cast<std::size_t>(m_policy.tokens) + m_begin,
                  std::span(m_values).first(m_size));
    for (std::size_t i = 0; i < m_values.size(); i += kSums)
        for (std::size_t j = 0; j < kSums; ++j) {
            const double value = m_values[i + j];
            sums[j] += std::isnan(value) ? 0 : value;
            counts[j] += std::isnan(value) ? 0 : 1;
        }
    return {sums[0] + sums[1] + sums[2] + sums[3], counts[0] + counts[1] + counts[2] + counts[3]};
}

LaneMeans::LaneMeans(std::shared_ptr<const PolicyReplay> policy, const Metric& metric, StepSpan steps)
    : m_policy(std::move(policy)), m_steps(steps)
{
    LaneSums sums(*m_policy, metric, steps);
    for (int lane = 0; lane < m_policy->layers * m_policy->lanes; ++lane)
        m_sums.push_back(sums.of(lane));
}

std::optional<double> LaneMeans::over(std::span<const int> lanes) const
{
    LaneSum all;
    for (const int lane : lanes)
        all += m_sums[static_cast<std::size_t>(lane)];
    return all.mean();
}

} // namespace winnow
