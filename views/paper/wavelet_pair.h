// SPDX-License-Identifier: GPL-3.0-or-later
// Two pictures of the wavelet analysis on paper, side by side or as a difference. GUI thread.
#pragma once

#include "core/analysis/figures/figure.h"

#include <filesystem>

namespace winnow::views {

/// Draws a figure whose numbers are a WaveletPair.
Result<void> drawPair(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

} // namespace winnow::views
