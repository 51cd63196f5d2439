// SPDX-License-Identifier: GPL-3.0-or-later
// Scale against distance on paper: the table of all heads, and the slope of every head.
#include "core/analysis/wavelet/head_slopes.h"
#include "views/paper/drawings.h"
#include "views/paper/wavelet_panels.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// Blue above 0 up to `most`, orange below.
QRgb signedColor(const Theme& theme, double value, double most)
{
    return rampColor(value >= 0 ? theme.choice : theme.lost, 0.8 * std::abs(value) / most);
}

Cells ratioCells(const ScaleMatrix& m, const Theme& theme)
{
    Cells cells{m.levels + 1, m.octaves, {}, {}};
    for (std::size_t i = 0; i < m.ratio.size(); ++i) {
        const double value = m.ratio[i];
        const bool shown = !m.masked[i] && !std::isnan(value);
        // gray above 0, blank below: only what is stronger here than elsewhere stands out
        cells.colors.push_back(shown ? std::optional(rampColor(theme.rule, 0.4 * std::max(0.0, value))) : std::nullopt);
        cells.words.push_back(shown ? numberWords(value, true) : QStringList());
    }
    return cells;
}

/// Whether as many columns of both panels have room for two digits.
bool fitsBeside(int columns, const FigureOptions& options)
{
    const PlotStyle style = PlotStyle::onPaper();
    const double cell = QFontMetricsF(style.tick).horizontalAdvance(QStringLiteral("−0.00")) / style.unit + 4;
    return columnsOf(options) - 2 * (46 + kKeyRoom) >= columns * cell;
}

} // namespace

Result<void> drawScaleSlope(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& slopes = figure.numbers.as<HeadSlopes>();
    int heads = 1;
    std::vector<int> layers;
    for (const HeadSlope& one : slopes.heads) {
        heads = std::max(heads, one.head.head + 1);
        if (layers.empty() || layers.back() != one.head.layerIndex)
            layers.push_back(one.head.layerIndex);
    }
    const int tableRows = slopes.matrix.levels + 1, mapRows = static_cast<int>(layers.size());
    const bool beside = fitsBeside(slopes.matrix.octaves + heads, options); // else one below the other
    constexpr double kAround = 0.75;                                        // inches of titles and labels
    FigurePage page(figure, options,
                    beside ? kAround + kPerRow * std::max(tableRows, mapRows) : 2 * kAround + kPerRow * (tableRows + mapRows));
    const Margins margins{.left = 46, .top = 22, .right = kKeyRoom, .bottom = 40};
    QCPAxisRect* table = page.addRect(0, 0, margins);
    QCPAxisRect* map = page.addRect(beside ? 0 : 1, beside ? 1 : 0, margins);
    if (beside)
        page.plot.plotLayout()->setColumnStretchFactors(evenColumns({46 + kKeyRoom, 46 + kKeyRoom}, options.width,
                                                                    {double(std::max(1, slopes.matrix.octaves)), double(heads)}));
    else
        page.plot.plotLayout()->setRowStretchFactors({kAround + kPerRow * tableRows, kAround + kPerRow * mapRows});
    page.layOut();
    setTableAxes(table, slopes.matrix, page.style);
    addTitle(table,
             {QStringLiteral("log₂ (part here / part over all)"), QStringLiteral("log₂ (part here / all)"),
              QStringLiteral("log₂ of parts")},
             {}, page.style);
    addTitle(map,
             {QStringLiteral("Slope of every head (levels per octave)"), QStringLiteral("Slope (levels per octave)"),
              QStringLiteral("Slope")},
             {}, page.style);
    addRatioKey(table, page.style);
    addSlopeKey(map, page.style);
    Cells cells{static_cast<int>(layers.size()), heads,
                std::vector<std::optional<QRgb>>(layers.size() * static_cast<std::size_t>(heads)),
                std::vector<QStringList>(layers.size() * static_cast<std::size_t>(heads))};
    for (const HeadSlope& one : slopes.heads) {
        const auto row = static_cast<std::size_t>(std::find(layers.begin(), layers.end(), one.head.layerIndex) - layers.begin());
        const std::size_t at = row * static_cast<std::size_t>(heads) + static_cast<std::size_t>(one.head.head);
        if (std::isnan(one.fit.slope))
            continue;
        cells.colors[at] = signedColor(page.style.theme, one.fit.slope, 1);
        cells.words[at] = numberWords(one.fit.slope, false);
    }
    auto across = QSharedPointer<QCPAxisTickerText>::create(), down = QSharedPointer<QCPAxisTickerText>::create();
    for (int head = 0; head < heads; ++head)
        across->addTick(head + 0.5, QString::number(head));
    for (std::size_t i = 0; i < layers.size(); ++i)
        down->addTick(double(i) + 0.5, QString::number(raw(slopes.layers[static_cast<std::size_t>(layers[i])])));
    QCPAxis *x = map->axis(QCPAxis::atBottom), *y = map->axis(QCPAxis::atLeft);
    for (QCPAxis* axis : {x, y})
        axis->setTickLength(0);
    x->setTicker(across);
    x->setRange(0, heads);
    x->setLabel(QStringLiteral("Query head"));
    y->setTicker(down);
    y->setRange(0, double(layers.size()));
    y->setRangeReversed(true);
    y->setLabel(QStringLiteral("Layer"));
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawTable(painter, table, ratioCells(slopes.matrix, page.style.theme), page.style);
        drawTable(painter, map, cells, page.style);
    });
    page.letters({table, map});
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
