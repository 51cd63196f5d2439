// SPDX-License-Identifier: GPL-3.0-or-later
// Quality against what it costs, on paper: of replays against budget and bytes, of a sweep's cells against time, too.
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/cost_chart.h"
#include "views/plot/sweep_chart.h"

#include <algorithm>

namespace winnow::views {

namespace {

/// Of the titles of some lines, in the unit of the page.
template <class Lines>
double widestTitle(const Lines& lines, const PlotStyle& style)
{
    double widest = 0;
    for (const auto& line : lines)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(QString::fromStdString(line.title)));
    return widest;
}

/// A row for each model and input, a column for each cost.
Result<void> drawPlanes(const Figure& figure, const SweepPlanes& planes, const FigureOptions& options,
                        const std::filesystem::path& out)
{
    const auto rows = static_cast<int>(planes.panels.size());
    FigurePage page(figure, options, options.width * 0.36 * rows);
    double widest = 0;
    for (const SweepPlanes::Panel& panel : planes.panels)
        widest = std::max(widest, widestTitle(panel.lines, page.style));
    const double labels = widest / page.style.unit;
    std::vector<QCPAxisRect*> rects;
    for (int row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < kSweepCosts.size(); ++column)
            rects.push_back(page.addRect(row, static_cast<int>(column),
                                         {.left = column == 0 ? 52.0 : 34.0,
                                          .top = 26,
                                          .right = column + 1 == kSweepCosts.size() ? labels + 24 : 8,
                                          .bottom = 40}));
    const double side = columnsOf(options) / 3;
    page.plot.plotLayout()->setColumnStretchFactors({side + 10, side - 8, side + labels + 8});
    page.letters(rects);
    page.layOut();
    for (std::size_t i = 0; i < rects.size(); ++i) {
        const SweepPlanes::Panel& panel = planes.panels[i / kSweepCosts.size()];
        const std::size_t column = i % kSweepCosts.size();
        drawCostChart(rects[i], panel, kSweepCosts[column], column + 1 == kSweepCosts.size(), page.style);
        if (column != 0)
            continue;
        const QString measure = QString::fromStdString(panel.measure);
        rects[i]
            ->axis(QCPAxis::atLeft)
            ->setLabel(fitting(
                {measure + (panel.lessIsBetter ? QStringLiteral(" (less is better)") : QStringLiteral(" (more is better)")),
                 measure},
                page.style.label, rects[i]->height()));
        const QString title = QString::fromStdString(panel.model + ", " + panel.input);
        new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&page, rect = rects[i], title](QCPPainter* painter) {
            painter->setFont(page.style.tick);
            painter->setPen(page.style.theme.ink);
            painter->drawText(QPointF(rect->left() + page.style.px(24), rect->top() - page.style.px(8)), title);
        });
    }
    return exportPlot(page.plot, page.options, out);
}

} // namespace

Result<void> drawSweep(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    if (const auto* planes = figure.numbers.find<SweepPlanes>())
        return drawPlanes(figure, *planes, options, out);
    const auto& sweep = figure.numbers.as<BudgetSweep>();
    FigurePage page(figure, options, options.width * 0.45);
    const double widest = widestTitle(sweep.lines, page.style);
    QCPAxisRect* budget = page.addRect(0, 0, {.left = 58, .top = 14, .right = 8, .bottom = 40});
    QCPAxisRect* bytes = page.addRect(0, 1, {.left = 42, .top = 14, .right = widest / page.style.unit + 30, .bottom = 40});
    page.plot.plotLayout()->setColumnStretchFactors({1, 1 + widest / page.style.unit / columnsOf(options)});
    page.letters({budget, bytes});
    page.layOut();
    SweepChart left(budget, SweepChart::Against::Budget), right(bytes, SweepChart::Against::Bytes);
    left.show(sweep, -1, false, page.style);
    right.show(sweep, -1, true, page.style);
    bytes->axis(QCPAxis::atLeft)->setLabel({});
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
