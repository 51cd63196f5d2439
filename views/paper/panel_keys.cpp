// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/paper/panel_keys.h"

#include "views/paper/page.h"
#include "views/plot/short_number.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow::views {

namespace {

/// The ramp as the strip of a key, full on top.
QImage rampStrip(const std::array<QRgb, 127>& ramp)
{
    QImage colors(1, 127, QImage::Format_RGB32);
    for (int i = 0; i < colors.height(); ++i)
        colors.setPixel(0, i, rampColor(ramp, 1 - i / 126.0));
    return colors;
}

/// A strip of colors with words at its ends, the upper first, and its name above it, which ends at the page's edge.
void addKey(QCPAxisRect* rect, const QImage& colors, const QString& name, const QStringList& words, const PlotStyle& style)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), nullptr, [=](QCPPainter* painter) {
        const QFontMetricsF metrics(style.tick);
        const double left = rect->right() + style.px(8), width = style.px(8);
        drawCells(painter, QRectF(left, rect->top(), width, rect->height()), colors, true);
        painter->setFont(style.tick);
        painter->setPen(style.theme.ink);
        const double edge = rect->right() + style.px(kKeyRoom - 2);
        painter->drawText(QPointF(std::min(left, edge - metrics.horizontalAdvance(name)), rect->top() - style.px(6)), name);
        for (qsizetype i = 0; i < words.size(); ++i) {
            const double share = words.size() > 1 ? double(i) / double(words.size() - 1) : 0;
            const double base = rect->top() + metrics.capHeight() + share * (rect->height() - metrics.capHeight());
            painter->drawText(QPointF(left + width + style.px(4), base), words[i]);
        }
    });
}

} // namespace

QRgb rampColor(const std::array<QRgb, 127>& ramp, double share)
{
    return ramp[static_cast<std::size_t>(std::lround(126 * std::clamp(share, 0.0, 1.0)))];
}

QList<double> evenColumns(const std::vector<double>& margins, double width, const std::vector<double>& shares)
{
    double free = width * kUnitsPerInch / kPaperScale;
    for (const double margin : margins)
        free -= margin;
    const double whole =
        shares.empty() ? static_cast<double>(margins.size()) : std::accumulate(shares.begin(), shares.end(), 0.0);
    QList<double> factors;
    for (std::size_t i = 0; i < margins.size(); ++i)
        factors << margins[i] + std::max(1.0, free * (shares.empty() ? 1 : shares[i]) / whole);
    return factors;
}

void addPowerKey(QCPAxisRect* rect, double most, const PlotStyle& style)
{
    addKey(rect, rampStrip(style.theme.choice), QStringLiteral("Power"),
           {shortNumber(most), shortNumber(most / 4), QStringLiteral("0")}, style);
}

void addCoherenceKey(QCPAxisRect* rect, const PlotStyle& style)
{
    addKey(rect, rampStrip(style.theme.choice), QStringLiteral("Coherence"),
           {QStringLiteral("1"), QStringLiteral("0.25"), QStringLiteral("0")}, style);
}

void addMagnitudeKey(QCPAxisRect* rect, const PacketScale& scale, const PlotStyle& style)
{
    const auto at = [&](double share) { return shortNumber(scale.most * std::pow(10.0, -share * scale.decades)); };
    addKey(rect, rampStrip(style.theme.choice), QStringLiteral("Mean |s|"), {at(0), at(0.5), at(1)}, style);
}

void addRatioKey(QCPAxisRect* rect, const PlotStyle& style)
{
    addKey(rect, rampStrip(style.theme.rule), QStringLiteral("log₂"),
           {QStringLiteral("2.5"), QStringLiteral("1.25"), QStringLiteral("≤ 0")}, style);
}

void addSlopeKey(QCPAxisRect* rect, const PlotStyle& style)
{
    QImage colors(1, 127, QImage::Format_RGB32);
    for (int i = 0; i < colors.height(); ++i) {
        const double share = 1 - i / 63.0;
        colors.setPixel(0, i, rampColor(share >= 0 ? style.theme.choice : style.theme.lost, 0.8 * std::abs(share)));
    }
    addKey(rect, colors, QStringLiteral("Slope"), {QStringLiteral("1: tree"), QStringLiteral("0"), QStringLiteral("−1")}, style);
}

void addLostKey(QCPAxisRect* rect, const PlotStyle& style)
{
    addKey(rect, rampStrip(style.theme.lost), QStringLiteral("Lost"),
           {QStringLiteral("≥ 1.25"), QStringLiteral("0.63"), QStringLiteral("0")}, style);
}

void addTitle(QCPAxisRect* rect, const QStringList& titles, std::optional<QRgb> swatch, const PlotStyle& style)
{
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), nullptr, [=](QCPPainter* painter) {
        double left = rect->left() + style.px(20);
        const double base = rect->top() - style.px(6);
        if (swatch) {
            painter->fillRect(QRectF(left, base - style.px(8), style.px(8), style.px(8)), QColor::fromRgb(*swatch));
            left += style.px(12);
        }
        painter->setFont(style.tick);
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(left, base), fitting(titles, style.tick, rect->right() - left));
    });
}

void addDifferenceKey(QCPAxisRect* rect, const QString& name, const QString& low, const QString& high, const PlotStyle& style)
{
    QImage colors(1, 127, QImage::Format_RGB32);
    for (int i = 0; i < colors.height(); ++i) {
        const double share = 1 - i / 63.0;
        colors.setPixel(0, i,
                        mixOkLab(style.theme.none, share > 0 ? style.theme.differenceThis : style.theme.differenceReference,
                                 std::abs(share)));
    }
    addKey(rect, colors, name, {high, QStringLiteral("alike"), low}, style);
}

} // namespace winnow::views
