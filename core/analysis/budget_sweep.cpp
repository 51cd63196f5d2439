// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/budget_sweep.h"

#include "core/analysis/kept_share.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

} // namespace

std::string policyFamily(const PolicySpec& spec)
{
    std::string family = spec.name;
    const PolicyInfo* info = findPolicy(spec.name);
    const auto follows = [info](std::string_view key) {
        if (info)
            for (const ParameterSpec& parameter : info->parameters)
                if (parameter.id == key)
                    return parameter.kind == ParameterKind::Budget || parameter.initial.empty();
        return false;
    };
    for (const auto& [key, value] : spec.values)
        if (!follows(key))
            family += fmt::format(",{}={}", key, value);
    return family;
}

double meanBytes(const ReplayResult& replay, const PolicyReplay& policy, std::span<const int> lanes, StepSpan steps)
{
    std::vector<int> all;
    if (lanes.empty()) {
        all.resize(static_cast<std::size_t>(policy.layers) * policy.lanes);
        std::iota(all.begin(), all.end(), 0);
        lanes = all;
    }
    const int end = std::min(steps.end, policy.stepsDone);
    if (replay.slotBytes.size() < static_cast<std::size_t>(policy.layers) || steps.begin >= end)
        return kNaN;
    double sum = 0;
    for (const int lane : lanes) {
        std::int64_t slotSteps = 0;
        for (int step = steps.begin; step < end; ++step)
            slotSteps += policy.occupancy[static_cast<std::size_t>(lane) * policy.tokens + static_cast<std::size_t>(step)];
        sum += static_cast<double>(slotSteps) * replay.slotBytes[static_cast<std::size_t>(lane / policy.lanes)];
    }
    return sum / (end - steps.begin);
}

int nextBudget(int budget, double bytes, double wanted, int most)
{
    if (!(bytes > 0) || !(wanted > 0))
        return budget;
    return static_cast<int>(std::clamp(std::round(budget * (wanted / bytes)), 1.0, static_cast<double>(std::max(1, most))));
}

Result<BudgetSweep> budgetSweep(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job)
{
    WINNOW_TRY(const std::vector<int> numbers, existingPolicies(replay, options.policies));
    std::vector<std::shared_ptr<const PolicyReplay>> policies;
    for (const int number : numbers)
        policies.push_back(replay.policies[static_cast<std::size_t>(number)]);
    BudgetSweep sweep{.metric = &metric, .range = meanSteps(policies, replay.prompt, options.steps)};
    std::vector<std::string> families;
    const int heads = options.kvHeads > 0 ? options.kvHeads : fewestLanes(replay);
    for (std::size_t i = 0; i < policies.size(); ++i) {
        WINNOW_TRY_VOID(job.check("the budgets"));
        const PolicyReplay& policy = *policies[i];
        const std::vector<int> lanes = chooseLanes(policy, options.lanes, heads).lanes;
        BudgetSweep::Point point{.spec = policy.spec.canonical(), .policy = numbers[i], .budget = policy.budget};
        point.stored = meanMetric(policy, Metric::Slots, lanes, sweep.range).value_or(kNaN);
        point.bytes = meanBytes(replay, policy, lanes, sweep.range);
        point.value = meanMetric(policy, metric, lanes, sweep.range).value_or(kNaN);
        const std::string family = policyFamily(policy.spec);
        const auto line = static_cast<std::size_t>(std::find(families.begin(), families.end(), family) - families.begin());
        if (line == families.size()) {
            families.push_back(family);
            const PolicyInfo* info = findPolicy(policy.spec.name);
            sweep.lines.push_back({std::string(info ? info->title : std::string_view(policy.spec.name)), numbers[i], {}});
        }
        sweep.lines[line].points.push_back(std::move(point));
    }
    for (BudgetSweep::Line& line : sweep.lines) {
        std::stable_sort(line.points.begin(), line.points.end(),
                         [](const BudgetSweep::Point& a, const BudgetSweep::Point& b) { return a.budget < b.budget; });
        const auto same = [](const BudgetSweep::Point& a, const BudgetSweep::Point& b) { return a.spec == b.spec; };
        line.points.erase(std::unique(line.points.begin(), line.points.end(), same), line.points.end());
    }
    return sweep;
}

} // namespace winnow
