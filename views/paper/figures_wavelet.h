// Inside saveFigure: the figures of the wavelet analysis. GUI thread.
#pragma once

#include "views/export/figures_page.h"

namespace winnow::views {

Result<void> drawFigure(const TokenScalogram& scalogram, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
Result<void> drawFigure(const PacketBands& packets, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
Result<void> drawFigure(const HeadSlopes& slopes, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
/// A table per policy.
Result<void> drawFigure(const LostBands& lost, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

Result<void> drawFigure(const WaveletPair& pair, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

} // namespace winnow::views
