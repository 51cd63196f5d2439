// SPDX-License-Identifier: GPL-3.0-or-later
// The coherence of two signals on paper: drawn as a scalogram, with arrows for the phase.
#include "core/analysis/wavelet/token_coherence.h"
#include "views/paper/drawings.h"
#include "views/paper/wavelet_panels.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kArrowRoom = 20, kArrowLength = 12, kArrowTip = 3.5; ///< pixels
constexpr double kLeastCoherence = 0.5; ///< without noise to be held against, of cells that get an arrow

/// Its cells as the scalogram that addScalogram draws.
TokenScalogram pictureOf(const TokenCoherence& c)
{
    return {.scales = c.scales,
            .positions = c.positions,
            .firstPosition = c.firstPosition,
            .step = c.step,
            .power = c.squared,
            .scale = c.scale,
            .period = c.period,
            .cone = c.cone,
            .threshold = c.threshold};
}

void drawArrow(QCPPainter* painter, const QPointF& center, double phase, const PlotStyle& style)
{
    const QPointF along(std::cos(phase), std::sin(phase)), across(-along.y(), along.x());
    const QPointF tip = center + along * style.px(kArrowLength / 2), tail = center - along * style.px(kArrowLength / 2);
    painter->drawLine(QLineF(tail, tip));
    for (const double side : {-1.0, 1.0})
        painter->drawLine(QLineF(tip, tip - along * style.px(kArrowTip) + across * (side * style.px(kArrowTip) * 0.7)));
}

/// One arrow in every square of the panel whose middle is coherent: right = together, down = the first is ahead.
void drawArrows(QCPPainter* painter, const TokenCoherence& c, const QRectF& area, const PlotStyle& style)
{
    const int columns = std::max(1, static_cast<int>(area.width() / style.px(kArrowRoom)));
    const int rows = std::max(1, static_cast<int>(area.height() / style.px(kArrowRoom)));
    painter->setPen(QPen(Qt::white, style.line)); // what is coherent is dark
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
            const double across = (column + 0.5) / columns, down = (row + 0.5) / rows;
            const int position = std::min(c.positions - 1, static_cast<int>(across * c.positions));
            const int scale = std::min(c.scales - 1, static_cast<int>(down * c.scales));
            const bool coherent =
                c.threshold.empty() ? c.squared[c.at(scale, position)] >= kLeastCoherence : c.significant(scale, position);
            if (coherent && c.insideCone(scale, position))
                drawArrow(painter, QPointF(area.left() + across * area.width(), area.top() + down * area.height()),
                          c.phase[c.at(scale, position)], style);
        }
}

} // namespace

Result<void> drawCoherence(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& coherence = figure.numbers.as<TokenCoherence>();
    const TokenScalogram picture = pictureOf(coherence);
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 22, .right = kKeyRoom, .bottom = 40});
    page.layOut();
    addScalogram(rect, picture, 1, page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), rect,
                    [&](QCPPainter* painter) { drawArrows(painter, coherence, rect->rect(), page.style); });
    addCoherenceKey(rect, page.style);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
