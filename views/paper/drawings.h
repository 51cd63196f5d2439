// SPDX-License-Identifier: GPL-3.0-or-later
// How each figure is drawn. A figure of figure_list.h has its drawing here by its name; its source is in this folder. GUI thread.
#pragma once

#include "core/analysis/figures/figure.h"

#include <filesystem>

namespace winnow::views {

/// Draws a figure's numbers as .svg, .pdf or .png.
using DrawFigure = Result<void> (*)(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);

#define WINNOW_FIGURE(name)                                                                                                      \
    Result<void> draw##name(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out);
#include "core/analysis/figures/figure_list.h"
#undef WINNOW_FIGURE

/// How the figures of that name are drawn from now on: for kinds that addFigure added.
void addDrawing(std::string_view figure, DrawFigure draw);

} // namespace winnow::views
