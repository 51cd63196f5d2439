// Inside saveFigure: the figures of the wavelet analysis. GUI thread.
#pragma once

#include "views/figures_page.h"

namespace winnow::views {

Result<void> drawScalogram(const TokenScalogram& scalogram, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
Result<void> drawPackets(const PacketBands& packets, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
Result<void> drawScaleSlope(const HeadSlopes& slopes, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
/// A table per policy.
Result<void> drawLostBands(const LostBands& lost, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

} // namespace winnow::views
