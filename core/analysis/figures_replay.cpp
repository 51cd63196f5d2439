// Figures of replays: maps, curves, one step's kept tokens, lanes, overlaps.
#include "core/analysis/figures_curves.h"
#include "core/analysis/figures_make.h"
#include "core/analysis/figures_step.h"

#include <algorithm>

namespace winnow {

namespace {

/// The policies of all replays side by side.
Result<std::shared_ptr<const ReplayResult>> joinedReplay(std::string_view name, const FigureInputs& inputs)
{
    if (inputs.replays.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a replay (a file written by `winnow replay`); give one", name);
    if (inputs.replays.size() == 1)
        return inputs.replays.front();
    std::vector<NamedReplay> named;
    for (const auto& replay : inputs.replays)
        named.push_back({fmt::format("replay number {}", named.size() + 1), replay});
    return joinReplays(named);
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

std::string lanesText(const FigureOptions& options)
{
    return options.lanes.empty() ? "all lanes" : fmt::format("{} lanes", options.lanes.size());
}

Result<const MetricInfo*> metricOf(const FigureOptions& options)
{
    const MetricInfo* metric = findMetric(options.metric);
    if (!metric)
        return fail(ErrorCode::Usage, "there is no metric '{}'; choose mass, error, regret or slots", options.metric);
    return metric;
}

/// The step that a picture of one step is about: the one asked for, else the last that every policy has reached.
Result<int> stepOf(const ReplayResult& replay, const FigureOptions& options)
{
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "this figure shows one step, and {} were given; give one", options.steps.size());
    int done = static_cast<int>(replay.tokenIds.size());
    for (const auto& policy : replay.policies)
        done = std::min(done, policy->stepsDone);
    return options.steps.empty() ? done - 1 : options.steps.front();
}

/// The trace of a replay among the inputs, if it is there.
const Trace* traceOf(const FigureInputs& inputs, const ReplayResult& replay)
{
    const auto found = std::find_if(inputs.traces.begin(), inputs.traces.end(),
                                    [&](const auto& trace) { return trace->info().tokens == replay.tokenIds; });
    return found == inputs.traces.end() ? nullptr : found->get();
}

Result<std::shared_ptr<const TraceInfo>> textOf(std::string_view name, const FigureInputs& inputs, const ReplayResult& replay)
{
    WINNOW_TRY_VOID(firstTrace(name, inputs));
    const Trace* trace = traceOf(inputs, replay);
    if (!trace)
        return fail(ErrorCode::BadInput, "'{}' is over other tokens than the replay; give the recording that it was made from",
                    inputs.traces.front()->path().string());
    return std::make_shared<const TraceInfo>(trace->info());
}

/// Sliding window of every replayed layer; empty without the trace.
std::vector<int> windowsOf(const FigureInputs& inputs, const ReplayResult& replay)
{
    std::vector<int> windows;
    if (const Trace* trace = traceOf(inputs, replay))
        for (const Layer layer : replay.layers) {
            const auto& layers = trace->info().layers;
            const auto at = static_cast<std::size_t>(std::find(layers.begin(), layers.end(), layer) - layers.begin());
            windows.push_back(at < layers.size() ? trace->info().layerInfo[at].window : 0);
        }
    return windows;
}

} // namespace

Result<Figure> replayFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(info.name, inputs));
    const int tokens = static_cast<int>(replay->tokenIds.size());
    if (replay->policies.empty() || tokens == 0)
        return fail(ErrorCode::BadInput, "the replay holds {} policies and {} tokens, so there is nothing to draw", replay->policies.size(),
                    tokens);
    WINNOW_TRY_VOID(checkRange("steps", options.stepRange, tokens));
    const CurveOptions chosen = curveOptions(options);
    Figure figure;
    figure.manifest = replay->manifest;
    if (info.name == "mass") {
        WINNOW_TRY(const MetricInfo* metric, metricOf(options));
        WINNOW_TRY(QualityCurves curves, qualityCurves(*replay, metric->metric, chosen, job));
        figure.title = fmt::format("{} against step", metric->title);
        figure.caption = fmt::format("open loop, mean over {}, numbers: at the last step shown", lanesText(options));
        figure.numbers = std::move(curves);
    } else if (info.name == "layers") {
        WINNOW_TRY(const MetricInfo* metric, metricOf(options));
        WINNOW_TRY(LayerCurves curves, layerCurves(*replay, metric->metric, chosen, job));
        figure.title = fmt::format("{} against layer", metric->title);
        figure.caption = fmt::format("open loop, {}, mean over the steps {} to {}; whiskers: least and most of a layer's lanes",
                                     lanesText(options), curves.range.begin, curves.range.end - 1);
        figure.numbers = std::move(curves);
    } else if (info.name == "distance") {
        WINNOW_TRY(DistanceCurves curves, distanceCurves(*replay, chosen, job));
        figure.caption = fmt::format("open loop, {}, mean over the steps {} to {}", lanesText(options), curves.range.begin,
                                     curves.range.end - 1);
        figure.numbers = std::move(curves);
    } else if (info.name == "kept" || info.name == "text") {
        WINNOW_TRY(const int step, stepOf(*replay, options));
        WINNOW_TRY(const IntRange shown, checkRange("tokens", options.tokenRange, tokens));
        WINNOW_TRY(KeptPicture picture, keptPicture(*replay, step, shown, chosen, windowsOf(inputs, *replay), job));
        if (info.needs == FigureNeeds::Both) {
            WINNOW_TRY(picture.info, textOf(info.name, inputs, *replay));
        }
        figure.caption = fmt::format("open loop, {}, share of lanes that store the token after step {}", lanesText(options), step);
        figure.numbers = std::move(picture);
    } else if (info.name == "lanes") {
        WINNOW_TRY(const MetricInfo* metric, metricOf(options));
        WINNOW_TRY(LanePicture picture, lanePicture(*replay, metric->metric, chosen, job));
        figure.title = fmt::format("{} of every lane", metric->title);
        figure.caption = fmt::format("open loop, mean over the steps {} to {}", picture.range.begin, picture.range.end - 1);
        figure.numbers = std::move(picture);
    } else if (info.name == "jaccard") {
        WINNOW_TRY(const int step, stepOf(*replay, options));
        WINNOW_TRY(const std::vector<int> policies, existingPolicies(*replay, chosen.policies));
        ReplayResult some = *replay;
        some.policies.clear();
        for (const int policy : policies)
            some.policies.push_back(replay->policies[static_cast<std::size_t>(policy)]);
        WINNOW_TRY(Comparison comparison, comparePolicies(some, Step{step}, job));
        figure.caption = fmt::format("open loop, tokens stored after step {} by both over those stored by either, mean over all lanes", step);
        figure.numbers = std::move(comparison);
    } else {
        RetentionPicture picture{.replay = replay, .lanes = options.lanes};
        WINNOW_TRY(picture.policies, existingPolicies(*replay, chosen.policies));
        WINNOW_TRY(picture.tokens, checkRange("tokens", options.tokenRange, tokens));
        WINNOW_TRY(picture.steps, checkRange("steps", options.stepRange, tokens));
        figure.caption = fmt::format("open loop, {}, share of lanes that store the token after the step; a dot is the largest of its tokens", lanesText(options));
        figure.numbers = std::move(picture);
    }
    return figure;
}

} // namespace winnow
