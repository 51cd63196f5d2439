// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_inputs.h"

#include "core/analysis/comparison.h"
#include "core/analysis/curves.h"
#include "core/analysis/running_mean.h"

#include <algorithm>
#include <iterator>

namespace winnow {

Result<const Trace*> firstTrace(std::string_view figure, const FigureInputs& inputs)
{
    if (inputs.traces.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a recording (a trace file written by `winnow record`); give one",
                    figure);
    return inputs.traces.front().get();
}

Result<int> layerIndexOf(const Trace& trace, int layer)
{
    const auto& layers = trace.info().layers;
    const auto found = std::find(layers.begin(), layers.end(), Layer{layer});
    if (found == layers.end())
        return fail(ErrorCode::Usage, "layer {} is not in '{}', which holds {} layers, {} to {}", layer, trace.path().string(),
                    layers.size(), layers.empty() ? 0 : raw(layers.front()), layers.empty() ? 0 : raw(layers.back()));
    return static_cast<int>(found - layers.begin());
}

Result<std::vector<int>> layerIndicesOf(const Trace& trace, const std::vector<IntRange>& ranges)
{
    const auto& layers = trace.info().layers;
    std::vector<int> indices;
    for (std::size_t index = 0; index < layers.size(); ++index)
        if (ranges.empty() || std::ranges::any_of(ranges, [number = raw(layers[index])](const IntRange& range) {
                return number >= range.first && number <= range.second;
            }))
            indices.push_back(static_cast<int>(index));
    if (indices.empty() && !layers.empty())
        return fail(ErrorCode::Usage, "no recorded layer of '{}' was chosen; it holds the layers {} to {}", trace.path().string(),
                    raw(layers.front()), raw(layers.back()));
    return indices;
}

Result<IntRange> checkRange(std::string_view what, const std::optional<IntRange>& range, int count)
{
    if (!range)
        return IntRange{0, count - 1};
    if (range->first < 0 || range->second < range->first || range->second >= count)
        return fail(ErrorCode::Usage, "the {} {}-{} do not exist; choose a range inside 0-{}", what, range->first, range->second,
                    count - 1);
    return *range;
}

Result<std::shared_ptr<const ReplayResult>> joinedReplay(std::string_view figure, const FigureInputs& inputs,
                                                         const FigureOptions& options)
{
    if (inputs.replays.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a replay (a file written by `winnow replay`); give one", figure);
    std::vector<NamedReplay> named;
    for (std::size_t i = 0; i < inputs.replays.size(); ++i)
        named.push_back(
            {i < inputs.replayNames.size() ? inputs.replayNames[i] : fmt::format("replay number {}", i + 1), inputs.replays[i]});
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinReplays(named));
    const int tokens = static_cast<int>(replay->tokenIds.size());
    if (replay->policies.empty() || tokens == 0)
        return fail(ErrorCode::BadInput, "the replay holds {} policies and {} tokens, so there is nothing to draw",
                    replay->policies.size(), tokens);
    WINNOW_TRY_VOID(checkRange("steps", options.stepRange, tokens));
    WINNOW_TRY_VOID(checkLanes(*replay, options.lanes, fewestLanes(*replay)));
    if (options.focus)
        WINNOW_TRY_VOID(existingPolicies(*replay, {*options.focus - 1}));
    return replay;
}

CurveOptions curveOptions(const FigureOptions& options)
{
    CurveOptions curves{.policies = options.policies, .lanes = options.lanes};
    for (int& number : curves.policies)
        --number;
    if (options.stepRange)
        curves.steps = StepSpan{options.stepRange->first, options.stepRange->second + 1};
    return curves;
}

CurveOptions pairedOptions(const ReplayResult& both, const FigureOptions& options)
{
    CurveOptions curves = curveOptions(options);
    const int count = static_cast<int>(both.policies.size());
    const auto specOf = [&](int number) { return both.policies[static_cast<std::size_t>(number)]->spec.canonical(); };
    const std::vector<int> named = curves.policies;
    for (const int number : named)
        for (int other = 0; number >= 0 && number < count && other < count; ++other)
            if (specOf(other) == specOf(number) && std::ranges::find(curves.policies, other) == curves.policies.end())
                curves.policies.push_back(other);
    return curves;
}

Result<const Metric*> metricOf(const FigureOptions& options)
{
    const Metric* metric = findMetric(options.metric);
    if (!metric)
        return fail(ErrorCode::Usage, "there is no metric '{}'; choose {}", options.metric, metricNames());
    return metric;
}

Result<const Metric*> metricIn(const ReplayResult& replay, const FigureOptions& options)
{
    WINNOW_TRY(const Metric* metric, metricOf(options));
    if (metric->ofModel &&
        std::none_of(replay.policies.begin(), replay.policies.end(), [](const auto& one) { return one->isRun(); }))
        return fail(ErrorCode::Usage,
                    "a replay has no {}, which the model itself must tell; give a run, which `winnow run` writes", metric->name);
    return metric;
}

Result<const Metric*> laneMetricOf(std::string_view figure, const FigureOptions& options)
{
    WINNOW_TRY(const Metric* metric, metricOf(options));
    if (metric->ofModel)
        return fail(ErrorCode::Usage,
                    "the {} is the model's and no lane has one of its own, so the figure '{}' cannot show it; take the figure "
                    "'mass', or --metric mass, error, regret or slots",
                    metric->name, figure);
    return metric;
}

Result<int> oneStepOf(const ReplayResult& replay, const FigureOptions& options)
{
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "this figure shows one step, and {} were given; give one", options.steps.size());
    const int tokens = static_cast<int>(replay.tokenIds.size());
    int done = tokens;
    for (const auto& policy : replay.policies)
        done = std::min(done, policy->stepsDone);
    const int step = options.steps.empty() ? done - 1 : options.steps.front();
    if (step < 0 || step >= tokens)
        return fail(ErrorCode::Usage, "step {} does not exist: this replay has the steps 0 to {}", step, tokens - 1);
    return step;
}

const Trace* traceOf(const FigureInputs& inputs, const ReplayResult& replay)
{
    const auto found = std::find_if(inputs.traces.begin(), inputs.traces.end(),
                                    [&](const auto& trace) { return trace->info().tokens == replay.tokenIds; });
    return found == inputs.traces.end() ? nullptr : found->get();
}

std::shared_ptr<const TraceInfo> infoOf(const FigureInputs& inputs, const ReplayResult& replay)
{
    const Trace* trace = traceOf(inputs, replay);
    if (!trace)
        return nullptr;
    const TraceInfo& all = trace->info();
    auto info = std::make_shared<TraceInfo>(all);
    info->layers.clear();
    info->layerInfo.clear();
    for (std::size_t index = 0; index < all.layers.size(); ++index)
        if (std::ranges::find(replay.layers, all.layers[index]) != replay.layers.end()) {
            info->layers.push_back(all.layers[index]);
            info->layerInfo.push_back(all.layerInfo[index]);
        }
    return info;
}

Result<void> checkDifference(const FigureOptions& options)
{
    if (options.against.policy.has_value() != options.against.difference)
        return fail(ErrorCode::Usage, "--against-policy N and --difference stand together here: give both, or neither");
    return {};
}

Result<int> referenceOf(const ReplayResult& replay, const FigureOptions& options)
{
    if (!options.against.policy)
        return -1;
    const int policies = static_cast<int>(replay.policies.size());
    if (*options.against.policy < 1 || *options.against.policy > policies)
        return fail(ErrorCode::Usage, "--against-policy is {}, but the replay holds the policies 1 to {}",
                    *options.against.policy, policies);
    return *options.against.policy - 1;
}

std::string lanesText(const FigureOptions& options)
{
    return options.lanes.empty()       ? "all lanes"
           : options.lanes.size() == 1 ? "one lane"
                                       : fmt::format("{} lanes", options.lanes.size());
}

std::vector<double> smoothedLines(const QualityCurves& curves)
{
    std::vector<double> all;
    for (const QualityCurves::Line& line : curves.lines)
        std::ranges::copy(runningMean(line.mean, curves.smooth, curves.prompt), std::back_inserter(all));
    return all;
}

std::vector<std::int32_t> firstAndLast(StepSpan span) { return {span.begin, span.end - 1}; }

} // namespace winnow
