// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/curves.h"

#include "core/analysis/kept_share.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Chosen = std::vector<std::pair<int, std::shared_ptr<const PolicyReplay>>>; ///< with their numbers

Result<Chosen> chosenPolicies(const ReplayResult& replay, const std::vector<int>& numbers)
{
    WINNOW_TRY(const std::vector<int> existing, existingPolicies(replay, numbers));
    Chosen chosen;
    for (const int number : existing)
        chosen.emplace_back(number, replay.policies[static_cast<std::size_t>(number)]);
    return chosen;
}

std::vector<int> lanesOf(const ReplayResult& replay, const PolicyReplay& policy, const CurveOptions& options)
{
    const int heads = options.kvHeads > 0 ? options.kvHeads : fewestLanes(replay);
    return chooseLanes(policy, options.lanes, heads).lanes;
}

StepSpan stepsOf(const Chosen& policies, int prompt, const CurveOptions& options)
{
    std::vector<std::shared_ptr<const PolicyReplay>> visible;
    for (const auto& [number, policy] : policies)
        visible.push_back(policy);
    return meanSteps(visible, prompt, options.steps);
}

void fillLine(QualityCurves::Line& line, const PolicyReplay& policy, const Metric& metric, std::span<const int> lanes)
{
    const auto tokens = static_cast<std::size_t>(policy.tokens);
    line.mean.assign(tokens, kNaN);
    line.least.assign(tokens, kNaN);
    line.most.assign(tokens, kNaN);
    std::vector<double> sum(tokens, 0), values(static_cast<std::size_t>(policy.stepsDone));
    std::vector<int> counted(tokens, 0);
    for (const int lane : lanes) {
        metric.fill(policy, static_cast<std::size_t>(lane) * tokens, values);
        for (std::size_t t = 0; t < values.size(); ++t) {
            const double value = values[t];
            if (std::isnan(value))
                continue;
            sum[t] += value;
            line.least[t] = std::fmin(line.least[t], value); // fmin and fmax pass over a NaN
            line.most[t] = std::fmax(line.most[t], value);
            ++counted[t];
        }
    }
    for (std::size_t t = 0; t < tokens; ++t)
        if (counted[t] > 0)
            line.mean[t] = sum[t] / counted[t];
}

double averageOver(std::span<const double> values, StepSpan range)
{
    double sum = 0;
    int count = 0;
    for (int step = range.begin; step < range.end; ++step) {
        const double value = values[static_cast<std::size_t>(step)];
        if (std::isnan(value))
            continue;
        sum += value;
        ++count;
    }
    return count > 0 ? sum / count : kNaN;
}

} // namespace

std::string policyLabel(const PolicyReplay& policy)
{
    const PolicyInfo* info = findPolicy(policy.spec.name);
    const std::string title(info ? info->title : std::string_view(policy.spec.name));
    return (policy.byRule.everything ? title : fmt::format("{} {}", title, policy.budget)) + (policy.isRun() ? ", run" : "");
}

std::string policyLine(const ReplayResult& of, const PolicyReplay& policy)
{
    return policy.spec.canonical() + (of.bothLoops() && policy.isRun() ? ", run" : "");
}

Result<std::vector<int>> existingPolicies(const ReplayResult& replay, std::vector<int> numbers)
{
    const int count = static_cast<int>(replay.policies.size());
    for (const int number : numbers)
        if (number < 0 || number >= count)
            return fail(ErrorCode::Usage, "policy number {} does not exist: the replay holds {} policies", number + 1, count);
    if (numbers.empty()) {
        numbers.resize(static_cast<std::size_t>(count));
        std::iota(numbers.begin(), numbers.end(), 0);
    }
    return numbers;
}

int fewestLanes(const ReplayResult& replay)
{
    int fewest = std::numeric_limits<int>::max();
    for (const auto& policy : replay.policies)
        fewest = std::min(fewest, policy->lanes);
    return fewest;
}

Result<QualityCurves> qualityCurves(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                    const JobContext& job)
{
    WINNOW_TRY(const Chosen policies, chosenPolicies(replay, options.policies));
    QualityCurves curves;
    curves.metric = &metric;
    curves.prompt = replay.prompt;
    curves.range = stepsOf(policies, replay.prompt, options);
    curves.lines.resize(policies.size());
    parallelFor(policies.size(), [&](std::size_t i) {
        if (job.stopRequested())
            return;
        const PolicyReplay& policy = *policies[i].second;
        QualityCurves::Line& line = curves.lines[i];
        line.label = policyLabel(policy);
        line.spec = policyLine(replay, policy);
        line.policy = policies[i].first;
        fillLine(line, policy, metric, lanesOf(replay, policy, options));
        line.average = averageOver(line.mean, curves.range);
    });
    WINNOW_TRY_VOID(job.check("drawing the curves"));
    return curves;
}

Result<LayerCurves> layerCurves(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job)
{
    WINNOW_TRY(const Chosen policies, chosenPolicies(replay, options.policies));
    LayerCurves curves{.metric = &metric, .range = stepsOf(policies, replay.prompt, options)};
    for (const Layer layer : replay.layers)
        curves.layers.push_back(raw(layer));
    for (const auto& [number, policy] : policies) {
        WINNOW_TRY_VOID(job.check("the curves"));
        LayerCurves::Line line{.label = policyLabel(*policy), .spec = policyLine(replay, *policy), .policy = number};
        const auto layers = static_cast<std::size_t>(policy->layers);
        line.mean.assign(layers, 0);
        line.least.assign(layers, kNaN);
        line.most.assign(layers, kNaN);
        std::vector<int> counted(layers, 0);
        for (const int lane : lanesOf(replay, *policy, options)) {
            const auto layer = static_cast<std::size_t>(lane / policy->lanes);
            if (const auto value = meanMetric(*policy, metric, std::span(&lane, 1), curves.range)) {
                line.mean[layer] += *value;
                line.least[layer] = std::fmin(line.least[layer], *value);
                line.most[layer] = std::fmax(line.most[layer], *value);
                ++counted[layer];
            }
        }
        for (std::size_t layer = 0; layer < layers; ++layer)
            line.mean[layer] = counted[layer] > 0 ? line.mean[layer] / counted[layer] : kNaN;
        curves.lines.push_back(std::move(line));
    }
    return curves;
}

Result<DistanceCurves> distanceCurves(const ReplayResult& replay, const CurveOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Chosen policies, chosenPolicies(replay, options.policies));
    DistanceCurves curves;
    curves.range = stepsOf(policies, replay.prompt, options);
    int largest = 0;
    for (const auto& [number, policy] : policies)
        if (!policy->byRule.everything)
            largest = std::max(largest, policy->budget);
    curves.unit = distanceUnit(largest);
    curves.lines.resize(policies.size());
    parallelFor(policies.size(), [&](std::size_t i) {
        if (job.stopRequested())
            return;
        const PolicyReplay& policy = *policies[i].second;
        DistanceCurves::Line& line = curves.lines[i];
        line.label = policyLabel(policy);
        line.spec = policyLine(replay, policy);
        line.policy = policies[i].first;
        DistanceCurve curve =
            keptAgainstDistance(policy, lanesOf(replay, policy, options), curves.range.begin, curves.range.end, curves.unit);
        line.distance = std::move(curve.distance);
        line.share = std::move(curve.share);
    });
    WINNOW_TRY_VOID(job.check("drawing the curves"));
    return curves;
}

} // namespace winnow
