// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/means.h"

#include <algorithm>
#include <array>
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
    constexpr std::size_t kSums = 4; // side by side: one sum would wait for itself
    std::array<double, kSums> sums{}, counts{};
    const auto size = static_cast<std::size_t>(std::max(0, steps.end - steps.begin));
    std::vector<double> values((size + kSums - 1) / kSums * kSums, std::numeric_limits<double>::quiet_NaN());
    for (const int lane : lanes) {
        metric.fill(policy, static_cast<std::size_t>(lane) * policy.tokens + static_cast<std::size_t>(steps.begin),
                    std::span(values).first(size));
        for (std::size_t i = 0; i < values.size(); i += kSums)
            for (std::size_t j = 0; j < kSums; ++j) {
                const double value = values[i + j];
                sums[j] += std::isnan(value) ? 0 : value;
                counts[j] += std::isnan(value) ? 0 : 1;
            }
    }
    const double sum = sums[0] + sums[1] + sums[2] + sums[3], count = counts[0] + counts[1] + counts[2] + counts[3];
    return count > 0 ? std::optional(sum / count) : std::nullopt;
}

} // namespace winnow
