// SPDX-License-Identifier: GPL-3.0-or-later
// What the wavelet figures ask of their inputs and options, and words that their captions share.
#pragma once

#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/wavelet/contribution.h"
#include "core/analysis/wavelet/scalogram.h"

namespace winnow {

/// Options that all wavelet figures read: steps, signal and heads; those that set a second picture beside the first.
std::vector<FigureReads> readsOfSignals();
std::vector<FigureReads> readsOfPairs();
/// The options of transforms with bands, each read with the transforms that it means something to.
std::vector<FigureReads> readsOfBands();
/// The options of the continuous transform.
std::vector<FigureReads> readsOfScalograms();
/// All of the lists.
std::vector<FigureReads> joinedReads(std::initializer_list<std::vector<FigureReads>> lists);

/// The wavelet is one for the transform; --omega0 is not given beside another wavelet.
Result<void> checkWavelet(const FigureOptions& options);
/// The same, and the transform is one that has bands by level.
Result<void> checkBands(const FigureOptions& options);
/// --hide, where it was given, leaves something of `positions`.
Result<void> checkHidden(const FigureOptions& options, int positions);

/// The query heads that `lanes`, or `layers`, `layer` and `head` leave; empty = all.
Result<std::vector<QueryHead>> headsOf(const Trace& trace, const FigureOptions& options);
Result<ContributionOptions> contributionOptions(const Trace& trace, const FigureOptions& options);
Result<ScalogramOptions> scalogramOptions(const Trace& trace, const FigureOptions& options);
/// The only recording, for what is not averaged; `what`: "a scalogram".
Result<const Trace*> onlyTrace(std::string_view what, const FigureInputs& inputs);
/// `use` for every recording, with its share of the progress; how many were used. An error where their layers or heads differ.
Result<int> forEachTrace(std::string_view figure, const FigureInputs& inputs, const JobContext& job,
                         const std::function<Result<void>(const Trace&, const JobContext&)>& use);

/// "1 query head", "24 query heads".
std::string headCountText(int heads);
/// "step 511", "mean of 64 recordings, aligned at the newest position".
std::string stepsText(const Contribution& contribution);
/// ", signal: Attention"; "" for the usual one.
std::string signalText(SignalKind kind);
/// What was done to the signal before the transform: ", mean removed"; "" for nothing.
std::string removedText(Detrend detrend, std::optional<unsigned> shuffle);
/// "; outlined: more than red noise in 95 % of cases"; "" without noise.
std::string significanceText(const TokenScalogram& scalogram);
/// "; 1.2 % of the energy lies where the ends are felt"; "" without energy.
std::string edgeText(std::span<const double> energy, std::span<const double> edge);
/// Loop, steps, heads and method of bands; with `ends` how much of the energy feels the ends.
std::string bandsCaption(const Contribution& contribution, bool ends = true);

} // namespace winnow
