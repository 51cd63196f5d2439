// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "drift": how far runs go from the replays of the same policies, against step and layer.
#include "core/analysis/drift.h"
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/running_mean.h"

namespace winnow {

namespace {

Tables driftTables(const DriftCurves& curves)
{
    std::vector<double> steps, layers, all;
    for (const auto& line : curves.steps.lines) {
        steps.insert(steps.end(), line.mean.begin(), line.mean.end());
        all.push_back(line.average);
    }
    for (const auto& line : curves.layers.lines)
        layers.insert(layers.end(), line.mean.begin(), line.mean.end());
    const std::size_t runs = all.size(), count = runs == 0 ? 0 : steps.size() / runs;
    Tables tables;
    tables.fact("drift", curves.steps.metric->name);
    tables.tables.push_back(
        {.axes = {{runs}}, .columns = {{"policy", {0}, specsOf(curves.steps.lines)}, {"all", {0}, std::move(all)}}});
    tables.tables.push_back({.axes = {{runs}, {count}},
                             .columns = {{onlyCsv("policy"), {0}, specsOf(curves.steps.lines)},
                                         {onlyCsv("step"), {1}, counted(0, count)},
                                         {{"difference", "steps"}, {0, 1}, std::move(steps)},
                                         {"smooth", {0, 1}, smoothedLines(curves.steps)}}});
    tables.tables.push_back({.axes = {{runs}, {curves.layers.layers.size()}},
                             .columns = {{onlyCsv("policy"), {0}, specsOf(curves.layers.lines)},
                                         {{"layer", "layer_numbers"}, {1}, wholeNumbers(curves.layers.layers)},
                                         {{"difference", "layers"}, {0, 1}, std::move(layers)}}});
    return tables;
}

Result<Figure> makeDrift(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext&)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> both, joinedReplay(kind.name, inputs, options));
    const CurveOptions chosen = pairedOptions(*both, options);
    WINNOW_TRY_VOID(existingPolicies(*both, chosen.policies));
    DriftCurves curves = driftCurves(*both, *findDriftMeasure(options.drift), chosen.policies);
    if (curves.steps.lines.empty())
        return fail(ErrorCode::BadInput,
                    "no run stands beside the replay of its policy{}; give the runs (`winnow run`) and the "
                    "replays of the same policies, with the same prompt",
                    chosen.policies.empty() ? "" : " among those that --policies names");
    Figure figure;
    figure.title = std::string(curves.steps.metric->title);
    curves.steps.smooth = options.smooth.value_or(curves.drawnMean());
    const std::string smoothing = smoothingWords(curves.steps.smooth);
    figure.caption = fmt::format("{}, all lanes: runs minus replays; (a) against the step{}{}; (b) against the layer",
                                 both->loopName(), smoothing.empty() ? "" : ", ", smoothing);
    figure.manifest = both->manifest;
    figure.numbers = {std::move(curves), driftTables};
    return figure;
}

} // namespace

FigureKind figureDrift()
{
    return {.name = "drift",
            .title = "Drift of runs from replays",
            .summary = "How much a run differs from the replay of its policy: lifetimes, mass, error and hidden states, against "
                       "step and layer",
            .needs = FigureNeeds::Runs,
            .reads = {kReadsDrift, kReadsPolicies, kReadsSteps, kReadsSmooth, kReadsFocus},
            .make = makeDrift};
}

} // namespace winnow
