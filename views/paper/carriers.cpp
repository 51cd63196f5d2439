// SPDX-License-Identifier: GPL-3.0-or-later
// Which tokens carry each band, on paper: a panel of bars per band.
#include "core/analysis/wavelet/band_carriers.h"
#include "views/paper/drawings.h"
#include "views/paper/wavelet_panels.h"
#include "views/state/lane_choice.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr std::size_t kMostBars = 8;
constexpr int kMostLetters = 12;
constexpr double kBar = 15, kAbove = 26, kBelow = 40; ///< pixels

/// "Level 3: 8 tokens hold half, 12 % of the power", shorter where there is no room.
QStringList titlesOf(const BandCarriers::Band& band, int level, int levels)
{
    const QString name = level < levels ? QStringLiteral("Level %1").arg(level + 1) : QStringLiteral("Approximation");
    const QString part = QStringLiteral("%1 %").arg(100 * band.part, 0, 'f', band.part < 0.0995 ? 1 : 0);
    const QString half = QStringLiteral("%1 hold half").arg(grouped(band.tokens));
    return {QStringLiteral("%1: %2 of the power, %3").arg(name, part, half), QStringLiteral("%1: %2, %3").arg(name, part, half),
            QStringLiteral("%1: %2").arg(name, part), name};
}

/// Of the tokens that get a bar.
std::vector<QString> namesOf(const BandCarriers::Band& band)
{
    std::vector<QString> names;
    for (std::size_t i = 0; i < std::min(kMostBars, band.carriers.size()); ++i)
        names.push_back(tokenLabel(band.carriers[i].text, band.carriers[i].position, kMostLetters));
    return names;
}

void setAxes(QCPAxisRect* rect, const BandCarriers::Band& band, double most, const PlotStyle& style)
{
    std::vector<QString> names = namesOf(band);
    names.resize(kMostBars);
    nameCells(rect->axis(QCPAxis::atLeft), names, true);
    QCPAxis* x = rect->axis(QCPAxis::atBottom);
    x->setRange(0, most);
    x->setLabel(fitting({QStringLiteral("Share of the band's power"), QStringLiteral("Share of power"), QStringLiteral("Share")},
                        style.label, rect->width()));
    setTickCount(x, rect->width(), QStringLiteral("0.00"), style, 4);
}

/// The bars, with the position of each token at its end.
void drawBars(QCPPainter* painter, const QCPAxisRect* rect, const BandCarriers::Band& band, double most, const PlotStyle& style)
{
    const QFontMetricsF metrics(style.tick);
    painter->setFont(style.tick);
    for (std::size_t i = 0; i < std::min(kMostBars, band.carriers.size()); ++i) {
        const double height = rect->height() / double(kMostBars), top = rect->top() + height * double(i);
        const double length = rect->width() * band.carriers[i].share / most;
        painter->fillRect(QRectF(rect->left(), top + style.px(2), length, height - style.px(4)),
                          QColor::fromRgb(rampColor(style.theme.choice, 0.8)));
        const QString position = grouped(band.carriers[i].position);
        const double room = rect->width() - length - style.px(6);
        const bool outside = metrics.horizontalAdvance(position) <= room;
        painter->setPen(outside ? style.theme.muted : QColor(Qt::white));
        painter->drawText(QPointF(outside ? rect->left() + length + style.px(3)
                                          : rect->left() + length - style.px(3) - metrics.horizontalAdvance(position),
                                  top + height / 2 + metrics.capHeight() / 2),
                          position);
    }
}

} // namespace

Result<void> drawCarriers(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& carriers = figure.numbers.as<BandCarriers>();
    const int bands = static_cast<int>(carriers.bands.size()), columns = std::min(bands, options.width < kWidePage ? 2 : 3);
    const int rows = (bands + columns - 1) / columns;
    FigurePage page(figure, options, rows * (kAbove + kBelow + kBar * double(kMostBars)) * kPaperScale / kUnitsPerInch);
    double most = 0, widest = 0;
    for (const BandCarriers::Band& band : carriers.bands) {
        most = std::max(most, band.carriers.empty() ? 0 : band.carriers.front().share);
        for (const QString& name : namesOf(band))
            widest = std::max(widest, QFontMetricsF(page.style.tick).horizontalAdvance(name) / page.style.unit);
    }
    most = most > 0 ? most * 1.05 : 1;
    std::vector<QCPAxisRect*> rects;
    for (int i = 0; i < bands; ++i)
        rects.push_back(
            page.addRect(i / columns, i % columns, {.left = widest + 16, .top = kAbove, .right = 8, .bottom = kBelow}));
    page.layOut();
    for (int i = 0; i < bands; ++i) {
        setAxes(rects[static_cast<std::size_t>(i)], carriers.bands[static_cast<std::size_t>(i)], most, page.style);
        addTitle(rects[static_cast<std::size_t>(i)],
                 titlesOf(carriers.bands[static_cast<std::size_t>(i)], i, carriers.contribution.levels), {}, page.style);
    }
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        for (std::size_t i = 0; i < rects.size(); ++i)
            drawBars(painter, rects[i], carriers.bands[i], most, page.style);
    });
    page.letters(rects);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
