// SPDX-License-Identifier: GPL-3.0-or-later
// The resolution of caches on paper: the levels' parts at every distance as a table, and lines over it.
#include "core/analysis/wavelet/scale_resolution.h"
#include "views/paper/drawings.h"
#include "views/paper/wavelet_panels.h"
#include "views/plot/charts.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kFullPart = 0.8; ///< of the gray ramp, of a level that holds all power
constexpr int kKeyLines = 3;      ///< of text, below the names: the gray's key

/// A line of the picture and of its key.
struct Line {
    QString label;
    QPen pen;
    std::vector<double> level; ///< [octaves]
};

Cells partCells(const ScaleMatrix& m, const Theme& theme)
{
    Cells cells{m.levels + 1, m.octaves, {}, {}};
    for (std::size_t i = 0; i < m.part.size(); ++i) {
        const bool shown = !m.masked[i] && !std::isnan(m.part[i]);
        cells.colors.push_back(shown ? std::optional(rampColor(theme.rule, kFullPart * m.part[i])) : std::nullopt);
        cells.words.emplace_back(); // the lines stand where words would
    }
    return cells;
}

std::vector<Line> linesOf(const ScaleResolution& r, const PlotStyle& style)
{
    std::vector<Line> lines{{QStringLiteral("Contributions"), QPen(style.theme.ink, style.focus), r.matrix.meanLevel}};
    for (const ScaleResolution::Policy& one : r.policies)
        lines.push_back({QString::fromStdString(one.label), style.theme.policyPen(one.policy, style.line), one.level});
    return lines;
}

/// Level l stands in the middle of its row; finer than level 1 at the upper edge. Beyond the last row a line ends at the lower
/// edge.
void drawLine(QCPPainter* painter, const QCPAxisRect* rect, const ScaleMatrix& m, const Line& line, const PlotStyle& style)
{
    const double rows = m.levels + 1;
    std::vector<QPointF> points;
    const auto flush = [&] {
        if (points.size() > 1)
            painter->drawPolyline(points.data(), static_cast<int>(points.size()));
        for (const QPointF& point : points)
            painter->drawEllipse(point, style.px(1.5), style.px(1.5));
        points.clear();
    };
    painter->setPen(line.pen);
    for (std::size_t c = 0; c < line.level.size(); ++c) {
        if (std::isnan(line.level[c])) {
            flush();
            continue;
        }
        const double row = std::clamp(line.level[c] - 0.5, 0.0, rows);
        points.emplace_back(rect->left() + (double(c) + 0.5) * rect->width() / std::max(1, m.octaves),
                            rect->top() + row / rows * rect->height());
    }
    flush();
}

/// The names of the lines from the top down, at the right of the panel.
void drawNames(QCPPainter* painter, const QCPAxisRect* rect, const std::vector<Line>& lines, const PlotStyle& style)
{
    const QFontMetricsF metrics(style.tick);
    double y = rect->top() + metrics.height() / 2;
    painter->setFont(style.tick);
    for (const Line& line : lines) {
        painter->setPen(line.pen);
        painter->drawLine(QLineF(rect->right() + style.px(8), y, rect->right() + style.px(22), y));
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(rect->right() + style.px(27), y + metrics.capHeight() / 2), line.label);
        y += metrics.height();
    }
    // What the gray of the table tells: the part of a level in the power at its distance.
    const QRectF strip(rect->right() + style.px(8), y + metrics.height(), style.px(54), style.px(8));
    QImage ramp(127, 1, QImage::Format_RGB32);
    for (int i = 0; i < ramp.width(); ++i)
        ramp.setPixel(i, 0, rampColor(style.theme.rule, kFullPart * i / 126.0));
    drawCells(painter, strip, ramp, true);
    const double base = strip.bottom() + metrics.ascent();
    painter->drawText(QPointF(strip.left(), strip.top() - style.px(4)), QStringLiteral("Part of power"));
    painter->drawText(QPointF(strip.left(), base), QStringLiteral("0"));
    painter->drawText(QPointF(strip.right() - metrics.horizontalAdvance(QLatin1Char('1')), base), QStringLiteral("1"));
}

} // namespace

Result<void> drawResolution(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& resolution = figure.numbers.as<ScaleResolution>();
    const PlotStyle style = PlotStyle::onPaper();
    const std::vector<Line> lines = linesOf(resolution, style);
    double widest = QFontMetricsF(style.tick).horizontalAdvance(QStringLiteral("Part of power")) - style.px(19);
    for (const Line& line : lines)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(line.label));
    const double names = static_cast<double>(lines.size() + kKeyLines) * QFontMetricsF(style.tick).height() / kUnitsPerInch;
    FigurePage page(figure, options, 0.75 + std::max(names, kPerRow * (resolution.matrix.levels + 1)));
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 46, .top = 10, .right = widest / page.style.unit + 34, .bottom = 40});
    page.layOut();
    setTableAxes(rect, resolution.matrix, page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawTable(painter, rect, partCells(resolution.matrix, page.style.theme), page.style);
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) // the contributions on top
            drawLine(painter, rect, resolution.matrix, *line, page.style);
        drawNames(painter, rect, lines, page.style);
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
