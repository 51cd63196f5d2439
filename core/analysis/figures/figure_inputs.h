// SPDX-License-Identifier: GPL-3.0-or-later
// What the figures ask of their inputs and options, and words that their captions share.
#pragma once

#include "core/analysis/curves.h"
#include "core/analysis/figures/figure.h"

namespace winnow {

/// The first trace, or a sentence that the figure needs one.
Result<const Trace*> firstTrace(std::string_view figure, const FigureInputs& inputs);
/// Index into the trace's layers of the model's layer number.
Result<int> layerIndexOf(const Trace& trace, int layer);
/// Indices of the recorded layers whose numbers are in the ranges; all where there is no range. An error where none is recorded.
Result<std::vector<int>> layerIndicesOf(const Trace& trace, const std::vector<IntRange>& ranges);
/// The range, or 0…count − 1 where none was given; an error where it reaches outside. `what`: "tokens", "steps" …
Result<IntRange> checkRange(std::string_view what, const std::optional<IntRange>& range, int count);

/// The policies of all replays side by side. Errors: no replay, one without policies or tokens, replays of other recordings, a
/// step range outside, a focus that does not exist.
Result<std::shared_ptr<const ReplayResult>> joinedReplay(std::string_view figure, const FigureInputs& inputs,
                                                         const FigureOptions& options);
/// Policies, lanes and steps of the options as curves count them.
CurveOptions curveOptions(const FigureOptions& options);
/// The same for figures that set runs beside replays: who names one of the two means both.
CurveOptions pairedOptions(const ReplayResult& both, const FigureOptions& options);
Result<const Metric*> metricOf(const FigureOptions& options);
/// The same for a replay's; further error: a metric that only runs have.
Result<const Metric*> metricIn(const ReplayResult& replay, const FigureOptions& options);
/// The same for figures of lanes. Further error: a metric of the whole model, which lanes do not have.
Result<const Metric*> laneMetricOf(std::string_view figure, const FigureOptions& options);
/// The step that a picture of one step is about: the one asked for, else the last that every policy has reached.
Result<int> oneStepOf(const ReplayResult& replay, const FigureOptions& options);
/// The trace of a replay among the inputs; nullptr where it is not there.
const Trace* traceOf(const FigureInputs& inputs, const ReplayResult& replay);

/// What the recording of a replay says of its text and of the replayed layers; null where it is not among the inputs.
std::shared_ptr<const TraceInfo> infoOf(const FigureInputs& inputs, const ReplayResult& replay);

/// "all lanes", "3 lanes".
std::string lanesText(const FigureOptions& options);
/// The canonical lines of the policies of `lines`, each with a member `spec`.
template <class Line>
std::vector<std::string> specsOf(const std::vector<Line>& lines)
{
    std::vector<std::string> specs;
    for (const Line& line : lines)
        specs.push_back(line.spec);
    return specs;
}
/// The means of all lines as they are drawn, one after another.
std::vector<double> smoothedLines(const QualityCurves& curves);
/// First and last step of a half-open span.
std::vector<std::int32_t> firstAndLast(StepSpan span);

/// Options that most figures of replays read.
inline constexpr FigureReads kReadsPolicies{"--policies"}, kReadsLanes{"--lanes"}, kReadsSteps{"--steps"},
    kReadsMetric{"--metric"}, kReadsStep{"--step"}, kReadsTokens{"--tokens"}, kReadsCost{"--cost"}, kReadsDrift{"--drift"},
    kReadsSmooth{"--smooth"}, kReadsScale{"--scale"}, kReadsFocus{"--focus"};
/// Options by which pictures of retained tokens are compared with a policy. They are given together, see checkDifference.
inline constexpr FigureReads kReadsAgainstPolicy{"--against-policy"}, kReadsDifference{"--difference"};
/// Error: only one of --against-policy and --difference is given.
Result<void> checkDifference(const FigureOptions& options);
/// The policy that others are set against, a number from 0; −1 = none. An error where there is no such policy.
Result<int> referenceOf(const ReplayResult& replay, const FigureOptions& options);

} // namespace winnow
