// SPDX-License-Identifier: GPL-3.0-or-later
// The sums behind means of a metric, lane by lane, so that means over other lanes of the same policy and steps cost nothing.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/means.h"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace winnow {

/// Of some values: their sum, and how many they are. NaN is left out.
struct LaneSum {
    double sum = 0, count = 0;
    LaneSum& operator+=(const LaneSum& other)
    {
        sum += other.sum;
        count += other.count;
        return *this;
    }
    std::optional<double> mean() const { return count > 0 ? std::optional(sum / count) : std::nullopt; }
};

/// Sums up the steps of one lane after the other. `policy` and `metric` outlive it.
class LaneSums {
public:
    LaneSums(const PolicyReplay& policy, const Metric& metric, StepSpan steps);
    LaneSum of(int lane); ///< an index into [layers × lanes]

private:
    const PolicyReplay& m_policy;
    const Metric& m_metric;
    std::size_t m_begin, m_size;
    std::vector<double> m_values;
};

/// The sums of all lanes. Immutable.
class LaneMeans {
public:
    /// `metric` outlives the object. Cost: that of meanMetric over all lanes.
    LaneMeans(std::shared_ptr<const PolicyReplay> policy, const Metric& metric, StepSpan steps);
    /// meanMetric(policy, metric, lanes, steps), the same number.
    std::optional<double> over(std::span<const int> lanes) const;
    bool areOf(const std::shared_ptr<const PolicyReplay>& policy, StepSpan steps) const
    {
        return policy == m_policy && steps == m_steps;
    }

private:
    std::shared_ptr<const PolicyReplay> m_policy;
    StepSpan m_steps;
    std::vector<LaneSum> m_sums; ///< [layers × lanes]
};

} // namespace winnow
