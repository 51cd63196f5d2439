// SPDX-License-Identifier: GPL-3.0-or-later
// The autopsy of a token on paper.
#include "core/analysis/figures/autopsy.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"
#include "views/plot/survival_chart.h"

#include <algorithm>

namespace winnow::views {

Result<void> drawAutopsy(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& autopsy = figure.numbers.as<AutopsyPicture>().autopsy;
    const PlotStyle style = PlotStyle::onPaper();
    const QFontMetricsF metrics(style.tick);
    double names = metrics.horizontalAdvance(QStringLiteral("attention paid to it")), fates = 0;
    for (const Autopsy::Line& line : autopsy.lines) {
        names = std::max(names, metrics.horizontalAdvance(QStringLiteral("88 %1").arg(QString::fromStdString(line.label))) +
                                    style.px(16));
        fates = std::max(fates, metrics.horizontalAdvance(fateWords(line)));
    }
    const double left = std::min(names / style.unit + 28, 0.4 * columnsOf(options)), right = fates / style.unit + 16;
    constexpr double kAttention = 64, kLine = 24, kAxis = 40, kTop = 8;
    const double rows = kLine * std::max<double>(1, double(autopsy.lines.size()));
    FigurePage page(figure, options, (kAttention + rows + kAxis + kTop) * kPaperScale / kUnitsPerInch);
    QCPAxisRect* attention = page.addRect(0, 0, {left, kTop, right, 2});
    QCPAxisRect* below = page.addRect(1, 0, {left, 2, right, kAxis});
    page.plot.plotLayout()->setRowStretchFactors({kAttention + kTop, rows + kAxis});
    page.layOut();
    SurvivalChart chart(attention, below);
    std::pair<double, double> steps{0, 0};
    if (options.stepRange)
        steps = {options.stepRange->first, options.stepRange->second};
    chart.show(autopsy, focusOf(options, autopsy.lines.size() == 1 ? autopsy.lines.front().policy : -1), steps, page.style);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
