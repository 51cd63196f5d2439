// SPDX-License-Identifier: GPL-3.0-or-later
// A page of a figure under construction: the plot, its style, the caption under it, and the letters of its panels. GUI thread.
#pragma once

#include "core/analysis/figures/figure.h"
#include "views/export/figure_export.h"
#include "views/plot/plot_style.h"

#include <string>
#include <utility>
#include <vector>

namespace winnow::views {

/// Units of the page per pixel of the window: 11 px ticks become 7 pt.
inline constexpr double kPaperScale = 6.4;

struct FigurePage {
    QCustomPlot plot;
    PlotStyle style = PlotStyle::onPaper();
    QString caption;
    ExportOptions options;

    /// `height` in inches, without the caption, which is added.
    FigurePage(const Figure& figure, const FigureOptions& chosen, double height);
    QCPAxisRect* addRect(int row, int column, const Margins& margins);
    /// Gives the rectangles their sizes. Call it before charts choose their ticks.
    void layOut();
    /// Writes "(a)", "(b)", … above these rectangles.
    void letters(std::vector<QCPAxisRect*> rects);

private:
    void reserveCaption();
};

/// What the colors of maps, strips and text mean, in one line from `left`, `top` on; words are shortened where `width` is short.
/// `difference`: of policies against a reference.
void drawMapKey(QCPPainter* painter, const PlotStyle& style, double left, double top, double width, bool difference);

/// "; log scale" to follow a caption; "" of the linear one.
std::string scaleCaption(const std::string& scale);
/// First and last step of a chart over steps, as QualityChart::show takes them.
std::pair<double, double> drawnSteps(const FigureOptions& options);
/// Number from 0 of the policy that stands out: the chosen one, else `otherwise`; −1 = none.
int focusOf(const FigureOptions& options, int otherwise = -1);
/// The page's width in logical pixels.
double columnsOf(const FigureOptions& options);
/// An axis whose cells have words: `names[i]` in the middle of [i, i + 1).
void nameCells(QCPAxis* axis, const std::vector<QString>& names, bool reversed);

} // namespace winnow::views
