// SPDX-License-Identifier: GPL-3.0-or-later
// A metric against budget and bytes on paper.
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/sweep_chart.h"

#include <algorithm>

namespace winnow::views {

Result<void> drawSweep(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& sweep = figure.numbers.as<BudgetSweep>();
    FigurePage page(figure, options, options.width * 0.45);
    double widest = 0;
    for (const BudgetSweep::Line& line : sweep.lines)
        widest = std::max(widest, QFontMetricsF(page.style.tick).horizontalAdvance(QString::fromStdString(line.title)));
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
