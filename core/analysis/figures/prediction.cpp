// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "prediction": a metric of the replays against what the runs of the same policies cost.
#include "core/analysis/prediction.h"
#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables predictionTables(const Prediction& prediction)
{
    std::vector<double> predicted, cost;
    for (const auto& point : prediction.points) {
        predicted.push_back(point.predicted);
        cost.push_back(point.cost);
    }
    Tables all;
    all.fact("metric", prediction.metric->name);
    all.fact("cost", prediction.cost->name);
    all.fact("rank", rankWords(prediction));
    all.tables.push_back({.axes = {{prediction.points.size()}},
                          .columns = {{"policy", {0}, specsOf(prediction.points)},
                                      {"predicted", {0}, std::move(predicted)},
                                      {"measured", {0}, std::move(cost)}}});
    return all;
}

Result<Figure> makePrediction(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext&)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> both, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, laneMetricOf(kind.name, options));
    WINNOW_TRY(Prediction prediction, predictionOf(*both, *metric, *findMetric(options.cost), pairedOptions(*both, options)));
    if (prediction.points.empty())
        return fail(
            ErrorCode::BadInput, "{}",
            prediction.runs == 0 && !options.policies.empty()
                ? "none of these policies was run in the model; choose others with --policies, or give their runs (`winnow "
                  "run`), too"
            : prediction.runs == 0 ? "there is no run among the inputs; give the runs (`winnow run`) beside the replays of the "
                                     "same policies"
                                   : "no run has its replay beside it; give the replays of the same policies, with the same "
                                     "prompt, as well");
    Figure figure;
    figure.title = fmt::format("{} of the replay against {} of the run", metric->title, prediction.cost->title);
    figure.caption = fmt::format("{}, {}; across: the replays, up: the runs; means over the steps {} to {}; {}", both->loopName(),
                                 lanesText(options), prediction.range.begin, prediction.range.end - 1, rankWords(prediction));
    figure.manifest = both->manifest;
    figure.numbers = {std::move(prediction), predictionTables};
    return figure;
}

} // namespace

FigureKind figurePrediction()
{
    return {.name = "prediction",
            .title = "What replays predict, and what runs cost",
            .summary = "A metric of the replays against the loss or KL of the runs, a point per policy and budget",
            .needs = FigureNeeds::Runs,
            .reads = {kReadsMetric, kReadsCost, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsFocus},
            .make = makePrediction};
}

} // namespace winnow
