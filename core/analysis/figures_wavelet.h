// Inside makeFigure: the figures of the wavelet analysis, from recordings given and recordings made on the way.
#pragma once

#include "core/analysis/figures.h"

namespace winnow {

/// treekv-2 and wavelet: a Contribution, a TokenScalogram or PacketBands by the transform.
Result<Figure> contributionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
/// HeadSlopes; of several recordings the mean of each head's powers comes before its slope.
Result<Figure> scaleSlopeFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
Result<Figure> lostBandsFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

} // namespace winnow
