// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/means.h"

#include "core/analysis/lane_means.h"

#include <algorithm>
#include <limits>

namespace winnow {

StepSpan meanSteps(std::span<const std::shared_ptr<const PolicyReplay>> visible, int prompt, std::optional<StepSpan> chosen)
{
    if (visible.empty())
        return {};
    int done = std::numeric_limits<int>::max(), budget = 0;
    for (const auto& policy : visible) {
        done = std::min(done, policy->stepsDone);
        if (policy->budget < policy->tokens)
            budget = std::max(budget, policy->budget);
    }
    const StepSpan wanted = chosen.value_or(StepSpan{std::max(budget, prompt), done});
    return {std::clamp(wanted.begin, 0, done), std::clamp(wanted.end, std::clamp(wanted.begin, 0, done), done)};
}

std::optional<double> meanMetric(const PolicyReplay& policy, const Metric& metric, std::span<const int> lanes, StepSpan steps)
{
    LaneSums sums(policy, metric, steps);
    LaneSum all;
    for (const int lane : lanes)
        all += sums.of(lane);
    return all.mean();
}

} // namespace winnow
