// SPDX-License-Identifier: GPL-3.0-or-later
// The overlaps of policies on paper.
#include "core/analysis/comparison.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/charts.h"

#include <algorithm>

namespace winnow::views {

Result<void> drawJaccard(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& comparison = figure.numbers.as<Comparison>();
    std::vector<QString> names;
    int focus = -1, reference = -1; // rows
    for (const auto& row : comparison.rows) {
        const auto at = static_cast<int>(names.size());
        const int number = options.policies.empty() ? at + 1 : options.policies[names.size()];
        if (number == options.focus)
            focus = at;
        if (number == options.against.policy)
            reference = at;
        names.push_back(QStringLiteral("%1 %2").arg(number).arg(QString::fromStdString(row.label)));
    }
    const PlotStyle style = PlotStyle::onPaper();
    double widest = 0;
    for (const QString& name : names)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(name) / style.unit);
    const Margins margins{.left = widest + 14, .top = 8, .right = 10, .bottom = 40};
    const double side = std::min(columnsOf(options) - margins.left - margins.right, 46.0 * double(names.size()));
    FigurePage page(figure, options,
                    (std::min(side, 22.0 * double(names.size())) + margins.top + margins.bottom) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, {margins.left, margins.top, columnsOf(options) - margins.left - side, margins.bottom});
    page.layOut();
    OverlapChart chart(rect);
    chart.show(comparison, names, focus, reference, page.style);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
