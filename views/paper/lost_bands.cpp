// SPDX-License-Identifier: GPL-3.0-or-later
// What policies lose on paper: a table per policy.
#include "views/paper/drawings.h"
#include "views/paper/wavelet_pair.h"
#include "views/paper/wavelet_panels.h"

#include <algorithm>

namespace winnow::views {

namespace {

Result<void> drawTables(const LostBands& lost, const Figure& figure, const FigureOptions& options,
                        const std::filesystem::path& out)
{
    const ScaleMatrix& m = lost.matrix;
    const int policies = static_cast<int>(lost.policies.size()), columns = std::clamp(policies, 1, options.width < 4 ? 2 : 3);
    const int rows = (policies + columns - 1) / columns;
    FigurePage page(figure, options, rows * (0.75 + kPerRow * (m.levels + 1)));
    std::vector<QCPAxisRect*> rects;
    for (int i = 0; i < policies; ++i)
        rects.push_back(page.addRect(i / columns, i % columns,
                                     {.left = 46, .top = 24, .right = (i + 1) % columns == 0 ? kKeyRoom : 16, .bottom = 40}));
    std::vector<double> margins(static_cast<std::size_t>(columns), 46 + 16);
    margins.back() = 46 + kKeyRoom;
    page.plot.plotLayout()->setColumnStretchFactors(evenColumns(margins, options.width));
    page.layOut();
    for (QCPAxisRect* rect : rects)
        setTableAxes(rect, m, page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        for (std::size_t p = 0; p < rects.size(); ++p) {
            const LostBands::Policy& policy = lost.policies[p];
            drawTable(painter, rects[p], lostCells(m, policy.lost, page.style.theme), page.style);
        }
    });
    for (std::size_t p = 0; p < rects.size(); ++p)
        addTitle(rects[p], {QString::fromStdString(lost.policies[p].label)}, {}, page.style);
    addLostKey(rects[static_cast<std::size_t>(std::min(columns, policies)) - 1], page.style);
    page.letters(rects);
    return exportPlot(page.plot, page.options, out);
}

} // namespace

Result<void> drawLostBands(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto* lost = figure.numbers.find<LostBands>();
    return lost ? drawTables(*lost, figure, options, out) : drawPair(figure, options, out);
}

} // namespace winnow::views
