// Inside makeFigure: figures of attention and of replays, and what figures ask of their inputs. (figures_wavelet.h: those of scales.)
#pragma once

#include "core/analysis/figures.h"

namespace winnow {

/// The first trace, or a sentence that the figure needs one.
Result<const Trace*> firstTrace(std::string_view figure, const FigureInputs& inputs);
/// Index into the trace's layers of the model's layer number.
Result<int> layerIndexOf(const Trace& trace, int layer);
/// The range, or 0…count − 1 where none was given; an error where it reaches outside. `what`: "tokens", "steps" …
Result<IntRange> checkRange(std::string_view what, const std::optional<IntRange>& range, int count);

Result<Figure> attentionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);
Result<Figure> replayFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job);

} // namespace winnow
