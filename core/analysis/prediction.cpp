// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/prediction.h"

#include "core/analysis/kept_share.h"
#include "core/analysis/number_text.h"
#include "core/analysis/rank_correlation.h"
#include "core/analysis/run_costs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace winnow {

namespace {

bool isDone(const PolicyReplay& policy) { return policy.stepsDone == policy.tokens; }

/// The finished replay of the run's policy; −1 = there is none.
int replayOf(const ReplayResult& both, const PolicyReplay& run)
{
    for (std::size_t p = 0; p < both.policies.size(); ++p) {
        const PolicyReplay& other = *both.policies[p];
        if (!other.isRun() && isDone(other) && other.spec.canonical() == run.spec.canonical())
            return static_cast<int>(p);
    }
    return -1;
}

/// What was judged under the policies: all of it, unless steps are chosen.
StepSpan judgedIn(const ReplayResult& both, const std::optional<StepSpan>& chosen)
{
    const int first = firstJudged(both), tokens = static_cast<int>(both.tokenIds.size());
    return chosen ? StepSpan{std::max(chosen->begin, first), std::max(chosen->end, first)} : StepSpan{first, tokens};
}

/// Whether anything can leave: what keeps all is no point of a comparison of who keeps better.
bool evicts(const PolicyReplay& policy)
{
    const PolicyInfo* info = findPolicy(policy.spec.name);
    return info && info->acts != Acts::Never;
}

/// Points that share a label name what is not as the catalog has it: "StreamingLLM 64 positions=keep".
void tellApart(std::vector<Prediction::Point>& points, const ReplayResult& both)
{
    std::map<std::string, int> count;
    for (const Prediction::Point& point : points)
        ++count[point.label];
    for (Prediction::Point& point : points) {
        if (count[point.label] == 1)
            continue;
        const PolicySpec& spec = both.policies[static_cast<std::size_t>(point.replay)]->spec;
        const auto usual = parsePolicySpec(fmt::format("{}:budget={}", spec.name, spec.value("budget")));
        for (const auto& [key, value] : spec.values)
            if (usual && usual->value(key) != spec.value(key))
                point.label += fmt::format(" {}={}", key, value);
    }
}

} // namespace

Result<Prediction> predictionOf(const ReplayResult& both, const Metric& metric, const Metric& cost, const CurveOptions& options)
{
    WINNOW_TRY(const std::vector<int> numbers, existingPolicies(both, options.policies));
    Prediction prediction{.metric = &metric, .cost = &cost};
    std::vector<std::shared_ptr<const PolicyReplay>> looked;
    for (const int number : numbers) {
        const auto& run = both.policies[static_cast<std::size_t>(number)];
        prediction.runs += run->isRun();
        const int replay = run->isRun() && isDone(*run) && evicts(*run) ? replayOf(both, *run) : -1;
        if (replay < 0)
            continue;
        prediction.points.push_back({.label = policyLabel(*both.policies[static_cast<std::size_t>(replay)]),
                                     .spec = run->spec.canonical(),
                                     .run = number,
                                     .replay = replay});
        looked.push_back(both.policies[static_cast<std::size_t>(replay)]);
    }
    prediction.range = meanSteps(looked, both.prompt, options.steps);
    const StepSpan judged = judgedIn(both, options.steps);
    const int heads = options.kvHeads > 0 ? options.kvHeads : fewestLanes(both);
    for (Prediction::Point& point : prediction.points) {
        const PolicyReplay &replay = *both.policies[static_cast<std::size_t>(point.replay)],
                           &run = *both.policies[static_cast<std::size_t>(point.run)];
        const LaneChoice lanes = chooseLanes(replay, options.lanes, heads);
        const int anyLane = 0;
        point.predicted = meanMetric(replay, metric, lanes.lanes, prediction.range).value_or(std::nan(""));
        point.cost = meanMetric(run, cost, std::span(&anyLane, 1), judged).value_or(std::nan(""));
    }
    std::erase_if(prediction.points,
                  [](const Prediction::Point& point) { return std::isnan(point.predicted) || std::isnan(point.cost); });
    if (cost.name == Metric::Loss.name) {
        const auto end = std::min(both.logprob.size(), static_cast<std::size_t>(std::max(0, judged.end)));
        prediction.full = meanLoss(std::span(both.logprob).first(end), judged.begin);
    }
    tellApart(prediction.points, both);
    std::vector<double> predicted, costs;
    for (const Prediction::Point& point : prediction.points) {
        predicted.push_back(metric.better == Better::Higher ? -point.predicted : point.predicted);
        costs.push_back(point.cost);
    }
    prediction.rank = rankCorrelation(predicted, costs);
    return prediction;
}

std::string rankWords(const Prediction& prediction)
{
    const std::size_t count = prediction.points.size();
    if (count < 3)
        return fmt::format("{} point{}; a rank correlation needs three policies or budgets", count, count == 1 ? "" : "s");
    if (!prediction.rank)
        return fmt::format("{} points, all with the same {}: there is no rank correlation", count, prediction.metric->name);
    return fmt::format("{} {} with more {}: rank correlation {} of {} points (1: the replays order them as the runs do)",
                       prediction.metric->better == Better::Higher ? "less" : "more", prediction.metric->name,
                       prediction.cost->name, numberText(*prediction.rank, 2), count);
}

} // namespace winnow
