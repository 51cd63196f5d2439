// SPDX-License-Identifier: GPL-3.0-or-later
// Curves on paper: a metric against the step and against the layer, and the kept share against distance.
#include "core/analysis/figures/mass.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"

#include <algorithm>

namespace winnow::views {

namespace {

/// The page's only rectangle, with room at the right for a number and the label of every line.
template <class Line>
QCPAxisRect* addCurveRect(FigurePage& page, const std::vector<Line>& lines)
{
    double widest = 0;
    for (const Line& line : lines)
        widest = std::max(
            widest,
            QFontMetricsF(page.style.tick).horizontalAdvance(QStringLiteral("0.000  ") + QString::fromStdString(line.label)));
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = widest / page.style.unit + 30, .bottom = 40});
    page.layOut();
    return rect;
}

} // namespace

Result<void> drawMass(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& [curves, table] = figure.numbers.as<MassPicture>();
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    QualityChart chart(rect);
    const int focus = focusOf(options, curves.lines.size() == 1 ? curves.lines.front().policy : -1);
    chart.show(curves, focus, drawnSteps(options), page.style, curves.smooth);
    if (!options.steps.empty())
        new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&page, rect, step = table.step](QCPPainter* painter) {
            const double at = rect->axis(QCPAxis::atBottom)->coordToPixel(step);
            painter->setPen(QPen(page.style.theme.ink, page.style.line));
            painter->drawLine(QLineF(at, rect->top(), at, rect->bottom()));
        });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawLayers(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& curves = figure.numbers.as<LayerCurves>();
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    LayerChart chart(rect);
    chart.show(curves, focusOf(options), page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawDistance(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& curves = figure.numbers.as<DistanceCurves>();
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = addCurveRect(page, curves.lines);
    DistanceChart chart(rect);
    chart.show(curves, focusOf(options), page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) { // the key, in order, from the top
        std::vector<EndLabel> labels;
        for (const auto& line : curves.lines)
            labels.push_back(
                {1.02, QString::fromStdString(line.label), page.style.theme.policyPen(line.policy, page.style.line), false});
        const QFontMetricsF metrics(page.style.tick);
        double y = rect->top() + metrics.height() / 2;
        for (const EndLabel& label : labels) {
            painter->setPen(label.pen);
            painter->drawLine(QLineF(rect->right() + page.style.px(6), y, rect->right() + page.style.px(20), y));
            painter->setPen(page.style.theme.ink);
            painter->setFont(page.style.tick);
            painter->drawText(QPointF(rect->right() + page.style.px(25), y + metrics.capHeight() / 2), label.text);
            y += metrics.height();
        }
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
