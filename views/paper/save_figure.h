// SPDX-License-Identifier: GPL-3.0-or-later
// Named figures as pictures. Drawing makes QCustomPlot widgets that are never shown, so a QApplication must exist (the
// offscreen platform will do) and these functions run on its thread. Pictures are always light.
#pragma once

#include "core/analysis/figures/figure_catalog.h"

#include <filesystem>
#include <span>
#include <utility>

namespace winnow::views {

/// Draws a figure as .svg, .pdf or .png, or writes its numbers as .csv or .npz; the extension decides. `width` (inches), `dpi`,
/// `hide` and the scale are taken from the options. The manifest is inside every file.
Result<void> saveFigure(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

/// makeFigure and saveFigure in one: what `winnow figure`, `winnow wavelet` and `winnow attention` do.
Result<void> renderFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options,
                          const std::filesystem::path& out, const JobContext& job);

/// Draws the figures below one another on one page, lettered A, B, …, as .svg, .pdf or .png. `width` and `dpi` of each are taken
/// from its options. Errors as of saveFigure; none is left half.
Result<void> saveSheet(std::span<const std::pair<const Figure*, FigureOptions>> parts, const std::filesystem::path& out);

} // namespace winnow::views
