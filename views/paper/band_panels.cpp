// SPDX-License-Identifier: GPL-3.0-or-later
// Bands on paper as the window draws them. See wavelet_panels.h.
#include "views/paper/wavelet_panels.h"
#include "views/plot/token_ticker.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kMostColumns = 800; ///< of a curve: more than a printed page shows

/// Where the first position stands on the axis: with several steps it is counted back from each.
double originOf(const WaveletPicture& picture, bool fromStep)
{
    return fromStep ? 1 - picture.positions() : picture.firstPosition();
}

bool isFromStep(const WaveletPicture& picture) { return picture.bands->steps.size() > 1; }
int hiddenOf(const WaveletPicture& picture, int hide) { return picture.positions() > 2 * hide + 1 ? hide : 0; }

void setBandAxes(QCPAxisRect* rect, const std::vector<BandRow>& rows, double begin, double end, bool fromStep,
                 const QString& title, const PlotStyle& style)
{
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(begin, end);
    x->setLabel(fromStep ? QStringLiteral("Position before the step (tokens)") : QStringLiteral("Position i (token)"));
    setTickCount(x, rect->width(), grouped(static_cast<qint64>(std::abs(begin) > std::abs(end) ? begin : end)), style);
    auto names = QSharedPointer<QCPAxisTickerText>::create();
    for (std::size_t row = 0; row < rows.size(); ++row)
        names->addTick(static_cast<double>(row) + 0.55, rows[row].name);
    y->setTicker(names);
    y->setTickLength(0);
    y->setRangeReversed(true);
    y->setRange(0, static_cast<double>(rows.size()));
    y->setLabel(fitting({title, QStringLiteral("Level")}, style.label, rect->height() + 2.0 * rect->margins().top()));
}

StackGeometry geometryOf(const QCPAxisRect* rect, int rows)
{
    const QCPRange across = rect->axis(QCPAxis::atBottom)->range();
    return {QRectF(rect->rect()), across.lower, across.upper, rows};
}

/// Columns per unit: no more than there are tokens.
double ratioOf(const StackGeometry& geometry)
{
    return std::min(kMostColumns, geometry.tokenEnd - geometry.tokenBegin) / geometry.area.width();
}

/// Ticks from 0 to `most`, as close as their labels allow where 100 per cent are `width` long.
QSharedPointer<QCPAxisTicker> percentTicks(double most, double width, const QFontMetricsF& metrics)
{
    constexpr std::array kSteps{10, 20, 25, 50, 100};
    const double label = 1.3 * metrics.horizontalAdvance(QStringLiteral("100"));
    const auto* step = std::find_if(kSteps.begin(), kSteps.end() - 1, [&](int one) { return one * width / 100 >= label; });
    auto ticks = QSharedPointer<QCPAxisTickerText>::create();
    for (int percent = 0; percent <= most; percent += *step)
        ticks->addTick(percent, QString::number(percent));
    return ticks;
}

} // namespace

void addBands(QCPAxisRect* rect, const WaveletPicture& picture, const MagnitudeScale& scale, int hide, const PlotStyle& style)
{
    const bool fromStep = isFromStep(picture);
    const int cut = hiddenOf(picture, hide);
    const double origin = originOf(picture, fromStep);
    const std::vector<BandRow> rows = bandRows(picture);
    setBandAxes(rect, rows, origin + cut, origin + picture.positions() - cut, fromStep,
                QStringLiteral("Level (%1)").arg(scale.words()), style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=](QCPPainter* painter) {
        const StackGeometry geometry = geometryOf(rect, static_cast<int>(rows.size()));
        drawBands(painter, geometry, rows, static_cast<int>(origin), cut, scale, style, ratioOf(geometry));
    });
}

void addBandDifference(QCPAxisRect* rect, const WaveletPicture& first, const WaveletPicture& second, int hide,
                       const PlotStyle& style)
{
    const bool fromStep = isFromStep(first) || first.step() != second.step();
    const int cut = hiddenOf(first, hide), shared = std::min(first.positions(), second.positions());
    const double origin = originOf(first, fromStep), end = origin + first.positions();
    std::vector<BandRow> a = bandRows(first), b = bandRows(second);
    for (std::vector<BandRow>* rows : {&a, &b}) // of two policies what they lost is compared
        for (BandRow& row : *rows)
            if (!row.lost.empty())
                row.values = row.lost;
    setBandAxes(rect, a, end - shared + (shared > 2 * cut ? cut : 0), end - cut, fromStep,
                QStringLiteral("Level (first − second)"), style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=](QCPPainter* painter) {
        const StackGeometry geometry = geometryOf(rect, static_cast<int>(a.size()));
        drawBandDifference(painter, geometry, a, b, static_cast<int>(origin), cut, style, ratioOf(geometry));
    });
}

void addEnergyBars(QCPAxisRect* rect, const WaveletPicture& first, const WaveletPicture& second,
                   const std::pair<QString, QString>& names, const PlotStyle& style)
{
    const std::array rows{bandRows(first), bandRows(second)};
    double most = 0;
    for (const auto& picture : rows)
        for (const BandRow& row : picture)
            most = std::max(most, 100 * row.energy.value_or(0));
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    y->setRangeReversed(true);
    y->setRange(0, static_cast<double>(rows[0].size()));
    y->setTickLabels(false);
    y->setTicks(false);
    const QFontMetricsF metrics(style.tick);
    const double room = metrics.horizontalAdvance(QStringLiteral("00.0")) + style.px(6); // beside the longest bar
    x->setRange(0, most > 0 ? std::max(std::min(100.0, 1.7 * most), most * rect->width() / std::max(1.0, rect->width() - room))
                            : 100);
    x->setTicker(percentTicks(std::min(100.0, x->range().upper), rect->width() * 100 / x->range().upper, metrics));
    x->setLabel(fitting({QStringLiteral("Energy (%)"), QStringLiteral("%")}, style.label, rect->width() + style.px(24)));
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), nullptr, [=](QCPPainter* painter) {
        painter->setFont(style.tick);
        for (std::size_t picture = 0; picture < 2; ++picture)
            for (std::size_t row = 0; row < rows[picture].size(); ++row) {
                if (!rows[picture][row].energy)
                    continue;
                const double energy = 100 * *rows[picture][row].energy,
                             from = static_cast<double>(row) + (picture == 0 ? 0.12 : 0.52);
                const QRectF bar(QPointF(x->coordToPixel(0), y->coordToPixel(from)),
                                 QPointF(x->coordToPixel(energy), y->coordToPixel(from + 0.36)));
                painter->fillRect(bar,
                                  QColor::fromRgb(picture == 0 ? style.theme.differenceThis : style.theme.differenceReference));
                painter->setPen(style.theme.ink);
                if (bar.height() >= metrics.capHeight())
                    painter->drawText(QPointF(bar.right() + style.px(4), bar.center().y() + metrics.capHeight() / 2),
                                      (energy <= -0.05 ? QStringLiteral("−") : QString()) +
                                          QString::number(std::abs(energy), 'f', 1));
            }
        // Which bars are whose, in the row of the signal, which has none.
        for (const bool isFirst : {true, false}) {
            const double left = rect->left() + style.px(5), base = y->coordToPixel(isFirst ? 0.45 : 0.92);
            painter->fillRect(QRectF(left, base - style.px(8), style.px(8), style.px(8)),
                              QColor::fromRgb(isFirst ? style.theme.differenceThis : style.theme.differenceReference));
            painter->setPen(style.theme.ink);
            painter->drawText(QPointF(left + style.px(11), base), isFirst ? names.first : names.second);
        }
    });
}

} // namespace winnow::views
