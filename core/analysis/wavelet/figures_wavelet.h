// Inside makeFigure: the figures of the wavelet analysis, from recordings given and recordings made on the way.
#pragma once

#include "core/analysis/figures.h"

namespace winnow {

/// treekv-2 and wavelet: a Contribution, a TokenScalogram or PacketBands by the transform.
Result<Figure> contributionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
/// HeadSlopes; of several recordings the mean of each head's powers comes before its slope.
Result<Figure> scaleSlopeFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
/// One policy after the other.
Result<Figure> lostBandsFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

/// treekv-2, wavelet and lost-bands with `options.against`: a WaveletPair.
Result<Figure> waveletPairFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

/// The query heads that `lanes`, or `layers`, `layer` and `head` leave; empty = all.
Result<std::vector<QueryHead>> headsOf(const Trace& trace, const FigureOptions& options);
Result<ContributionOptions> contributionOptions(const Trace& trace, const FigureOptions& options);
Result<ScalogramOptions> scalogramOptions(const Trace& trace, const FigureOptions& options);
/// The only recording, for what is not averaged; `what`: "a scalogram".
Result<const Trace*> onlyTrace(std::string_view what, const FigureInputs& inputs);
/// `use` for every recording, with its share of the progress; how many were used.
Result<int> forEachTrace(std::string_view figure, const FigureInputs& inputs, const JobContext& job,
                         const std::function<Result<void>(const Trace&, const JobContext&)>& use);

/// "1 query head", "24 query heads".
std::string headCountText(int heads);
/// "step 511", "mean of 64 recordings, aligned at the newest position".
std::string stepsText(const Contribution& contribution);
/// ", signal: Attention"; "" for the usual one.
std::string signalText(SignalKind kind);

} // namespace winnow
