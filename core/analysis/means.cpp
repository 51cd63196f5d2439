#include "core/analysis/means.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow {

std::string_view metricName(Metric metric)
{
    switch (metric) {
    case Metric::Mass: return "mass";
    case Metric::Error: return "error";
    case Metric::Regret: return "regret";
    case Metric::Slots: break;
    }
    return "slots";
}

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

double metricAt(const PolicyReplay& policy, Metric metric, int lane, int step)
{
    const std::size_t at = static_cast<std::size_t>(lane) * policy.tokens + step;
    const auto valueOf = [&](const std::vector<float>& values) {
        return at < values.size() ? static_cast<double>(values[at]) : std::numeric_limits<double>::quiet_NaN();
    };
    switch (metric) {
    case Metric::Mass: return valueOf(policy.mass);
    case Metric::Error: return valueOf(policy.error);
    case Metric::Regret: return valueOf(policy.oracleMass) - valueOf(policy.mass);
    case Metric::Slots: break;
    }
    const bool known = at < policy.occupancy.size() && policy.occupancy[at] >= 0;
    return known ? static_cast<double>(policy.occupancy[at]) : std::numeric_limits<double>::quiet_NaN();
}

std::optional<double> meanMetric(const PolicyReplay& policy, Metric metric, std::span<const int> lanes, StepSpan steps)
{
    double sum = 0;
    std::size_t count = 0;
    const auto add = [&](auto valueAt) { // one instance per metric: the choice stays out of the loop
        for (const int lane : lanes) {
            const std::size_t row = static_cast<std::size_t>(lane) * policy.tokens;
            for (int step = steps.begin; step < steps.end; ++step) {
                const double value = valueAt(row + static_cast<std::size_t>(step));
                if (!std::isnan(value)) {
                    sum += value;
                    ++count;
                }
            }
        }
    };
    const std::size_t size = static_cast<std::size_t>(policy.layers) * policy.lanes * policy.tokens;
    if (metric == Metric::Slots && policy.occupancy.size() == size)
        add([&](std::size_t at) {
            return policy.occupancy[at] < 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(policy.occupancy[at]);
        });
    else if (metric == Metric::Mass && policy.mass.size() == size)
        add([&](std::size_t at) { return static_cast<double>(policy.mass[at]); });
    else if (metric == Metric::Error && policy.error.size() == size)
        add([&](std::size_t at) { return static_cast<double>(policy.error[at]); });
    else if (metric == Metric::Regret && policy.oracleMass.size() == size && policy.mass.size() == size)
        add([&](std::size_t at) { return static_cast<double>(policy.oracleMass[at]) - static_cast<double>(policy.mass[at]); });
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

} // namespace winnow
