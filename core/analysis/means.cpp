// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/means.h"

#include <algorithm>
#include <cmath>
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
    double sum = 0;
    std::size_t count = 0;
    std::vector<double> values(static_cast<std::size_t>(std::max(0, steps.end - steps.begin)));
    for (const int lane : lanes) {
        metric.fill(policy, static_cast<std::size_t>(lane) * policy.tokens + static_cast<std::size_t>(steps.begin), values);
        for (const double value : values)
            if (!std::isnan(value)) {
                sum += value;
                ++count;
            }
    }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

} // namespace winnow
