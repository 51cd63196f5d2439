// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/scalogram_plot.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kOctavesOfDifference = 3;

struct Raster {
    int columns = 1, rows = 1;
    std::vector<std::pair<int, int>> tokens; ///< per column, indices into the scalogram
    std::vector<int> scales;                 ///< per row
};

Raster rasterOf(const TokenScalogram& scalogram, const ScalogramGeometry& geometry, double pixelRatio)
{
    Raster raster;
    raster.columns = std::max(1, static_cast<int>(std::lround(geometry.area.width() * pixelRatio)));
    raster.rows = std::max(1, static_cast<int>(std::lround(geometry.area.height() * pixelRatio)));
    const StackGeometry across = geometry.across();
    for (int column = 0; column < raster.columns; ++column)
        raster.tokens.push_back(across.tokensOfColumn(column, raster.columns, scalogram.firstPosition, scalogram.positions));
    for (int row = 0; row < raster.rows; ++row)
        raster.scales.push_back(
            scaleOfPeriod(scalogram, geometry.period(geometry.area.top() + (row + 0.5) / raster.rows * geometry.area.height())));
    return raster;
}

/// The largest of a scale per column, NaN where there is no position.
std::vector<double> rowMaxima(const TokenScalogram& scalogram, int scale, const Raster& raster)
{
    std::vector<double> maxima(static_cast<std::size_t>(raster.columns), NAN);
    for (int column = 0; column < raster.columns; ++column) {
        const auto [begin, end] = raster.tokens[static_cast<std::size_t>(column)];
        for (int i = begin; i < end; ++i)
            if (!(maxima[static_cast<std::size_t>(column)] >= scalogram.at(scale, i)))
                maxima[static_cast<std::size_t>(column)] = scalogram.at(scale, i);
    }
    return maxima;
}

enum class Standing { Beyond, Below, Above };

/// Per column: whether a power of it that the ends do not reach is more than the noise; Beyond where they reach all of them.
std::vector<Standing> standings(const TokenScalogram& scalogram, int scale, const Raster& raster)
{
    std::vector<Standing> found(static_cast<std::size_t>(raster.columns), Standing::Beyond);
    for (int column = 0; column < raster.columns; ++column) {
        const auto [begin, end] = raster.tokens[static_cast<std::size_t>(column)];
        for (int i = begin; i < end; ++i)
            if (scalogram.insideCone(scale, i))
                found[static_cast<std::size_t>(column)] = std::max(
                    found[static_cast<std::size_t>(column)], scalogram.significant(scale, i) ? Standing::Above : Standing::Below);
    }
    return found;
}

/// Whether the outline of what noise does not explain runs between the two.
bool outlined(Standing a, Standing b) { return a != b && a != Standing::Beyond && b != Standing::Beyond; }

double powerShare(double power, double most, PowerScale kind)
{
    if (most <= 0 || power <= 0)
        return 0;
    if (kind == PowerScale::Log)
        return std::clamp(1 + std::log10(power / most) / std::log10(kPowerRange), 0.0, 1.0);
    return std::clamp(std::sqrt(power / most), 0.0, 1.0);
}

QRgb rampColor(const std::array<QRgb, 127>& ramp, double share)
{
    return ramp[static_cast<std::size_t>(std::lround(126 * share))];
}

} // namespace

double ScalogramGeometry::y(double period) const
{
    return area.top() + std::log2(period / shortest) / std::log2(longest / shortest) * area.height();
}

double ScalogramGeometry::period(double y) const
{
    return shortest * std::exp2((y - area.top()) / area.height() * std::log2(longest / shortest));
}

ScalogramGeometry scalogramGeometry(const TokenScalogram& scalogram, const QRectF& area, double tokenBegin, double tokenEnd)
{
    ScalogramGeometry geometry{area, tokenBegin, tokenEnd};
    if (scalogram.scales < 1)
        return geometry;
    const double step = scalogram.scales > 1 ? std::sqrt(scalogram.period[1] / scalogram.period[0]) : std::sqrt(2.0);
    geometry.shortest = scalogram.period.front() / step;
    geometry.longest = scalogram.period.back() * step;
    return geometry;
}

int scaleOfPeriod(const TokenScalogram& scalogram, double period)
{
    if (scalogram.scales < 1)
        return -1;
    const auto next = std::lower_bound(scalogram.period.begin(), scalogram.period.end(), period);
    const int at = static_cast<int>(next - scalogram.period.begin());
    if (at == 0 || at == scalogram.scales)
        return std::clamp(at, 0, scalogram.scales - 1);
    return period * period < scalogram.period[static_cast<std::size_t>(at)] * scalogram.period[static_cast<std::size_t>(at) - 1]
               ? at - 1
               : at;
}

double largestPower(const TokenScalogram& scalogram)
{
    return scalogram.power.empty() ? 0 : *std::max_element(scalogram.power.begin(), scalogram.power.end());
}

QImage scalogramImage(const TokenScalogram& scalogram, const ScalogramGeometry& geometry, PowerScale scale, double most,
                      const Theme& theme, double pixelRatio)
{
    const Raster raster = rasterOf(scalogram, geometry, pixelRatio);
    QImage image(raster.columns, raster.rows, QImage::Format_RGB32);
    image.fill(theme.page);
    std::vector<double> maxima;
    std::vector<Standing> here, before;
    for (int row = 0, computed = -1; row < raster.rows; ++row) {
        const int at = raster.scales[static_cast<std::size_t>(row)];
        if (at < 0)
            break;
        const bool newScale = at != computed;
        double largest = most;
        if (newScale) {
            maxima = rowMaxima(scalogram, at, raster);
            here = standings(scalogram, at, raster);
            computed = at;
        }
        if (scale == PowerScale::Own) {
            largest = 0;
            for (const double power : maxima)
                largest = std::max(largest, std::isnan(power) ? 0 : power);
        }
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < raster.columns; ++column) {
            const double power = maxima[static_cast<std::size_t>(column)];
            if (!std::isnan(power))
                line[column] = rampColor(theme.choice, powerShare(power, largest, scale));
        }
        for (std::size_t column = 0; column < here.size(); ++column) {
            const bool across = column > 0 && outlined(here[column], here[column - 1]);
            if (across || (newScale && row > 0 && outlined(here[column], before[column])))
                line[column] = mixOkLab(line[column], theme.ink.rgb(), 0.8);
        }
        before = here;
    }
    return image;
}

QImage scalogramDifference(const TokenScalogram& a, const TokenScalogram& b, const ScalogramGeometry& geometry,
                           const Theme& theme, double pixelRatio)
{
    const Raster raster = rasterOf(a, geometry, pixelRatio);
    QImage image(raster.columns, raster.rows, QImage::Format_RGB32);
    image.fill(theme.page);
    const int shift = b.positions - a.positions;
    const double floor = 1e-3 * std::max(largestPower(a), largestPower(b));
    for (int row = 0; row < raster.rows; ++row) {
        const int at = raster.scales[static_cast<std::size_t>(row)];
        if (at < 0 || at >= b.scales) // the ladders begin alike; the shorter text has fewer scales
            continue;
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < raster.columns; ++column) {
            const auto [begin, end] = raster.tokens[static_cast<std::size_t>(column)];
            double sumA = 0, sumB = 0;
            int count = 0;
            for (int i = std::max(begin, -shift); i < end; ++i, ++count) {
                sumA += a.at(at, i);
                sumB += b.at(at, i + shift);
            }
            if (count == 0 || !(sumA + sumB > floor * count))
                continue;
            const double octaves = std::log2((sumA + 1e-6 * floor) / (sumB + 1e-6 * floor));
            const double share = std::clamp(octaves / kOctavesOfDifference, -1.0, 1.0);
            line[column] = mixOkLab(theme.none, share > 0 ? theme.differenceThis : theme.differenceReference, std::abs(share));
        }
    }
    return image;
}

void drawHatchIn(QCPPainter* painter, const QPolygonF& shape, const PlotStyle& style)
{
    const QRectF area = shape.boundingRect();
    const double pitch = style.px(6);
    painter->setPen(QPen(style.theme.line, style.axis));
    // A line holds the points of one sum x + y. It enters and leaves the shape where it meets a side.
    for (double sum = std::floor((area.left() + area.top()) / pitch) * pitch; sum < area.right() + area.bottom(); sum += pitch) {
        std::vector<double> meets;
        for (qsizetype i = 0; i < shape.size(); ++i) {
            const QPointF &from = shape[i], &to = shape[(i + 1) % shape.size()];
            const double before = from.x() + from.y() - sum, after = to.x() + to.y() - sum;
            if ((before < 0) != (after < 0))
                meets.push_back(from.x() + (to.x() - from.x()) * before / (before - after));
        }
        std::sort(meets.begin(), meets.end());
        for (std::size_t i = 0; i + 1 < meets.size(); i += 2)
            painter->drawLine(QLineF(meets[i], sum - meets[i], meets[i + 1], sum - meets[i + 1]));
    }
}

void drawCone(QCPPainter* painter, const TokenScalogram& scalogram, const ScalogramGeometry& geometry, const PlotStyle& style)
{
    const StackGeometry across = geometry.across();
    QPolygonF edge, beyond;
    const double bottom = geometry.area.bottom();
    for (int x = static_cast<int>(geometry.area.left()); x <= static_cast<int>(geometry.area.right()) + 1; ++x) {
        const int i = static_cast<int>(std::floor(across.token(x))) - scalogram.firstPosition;
        if (i < 0 || i >= scalogram.positions)
            continue;
        const double cone = scalogram.cone[static_cast<std::size_t>(i)];
        edge << QPointF(x, cone <= geometry.shortest ? geometry.area.top() : std::min(bottom, geometry.y(cone)));
    }
    if (edge.size() < 2)
        return;
    beyond = edge;
    beyond << QPointF(edge.back().x(), bottom) << QPointF(edge.front().x(), bottom);
    QColor veil = style.theme.page;
    veil.setAlphaF(0.55F);
    painter->setPen(Qt::NoPen);
    painter->setBrush(veil);
    painter->drawPolygon(beyond);
    drawHatchIn(painter, beyond, style);
    painter->setAntialiasing(true);
    painter->setPen(QPen(style.theme.muted, 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(edge);
}

void drawRidges(QCPPainter* painter, const TokenScalogram& scalogram, const ScalogramGeometry& geometry, const PlotStyle& style)
{
    const StackGeometry across = geometry.across();
    painter->setAntialiasing(true);
    QPen pen(style.theme.dark ? QColor(Qt::white) : style.theme.ink, 1.2);
    pen.setDashPattern({3, 2});
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    for (const PowerRidge& ridge : scalogram.ridges) {
        QPolygonF line;
        for (std::size_t i = 0; i < ridge.periods.size(); ++i) {
            if (ridge.periods[i] > scalogram.cone[static_cast<std::size_t>(ridge.begin) + i])
                continue; // the ends make crests of their own
            const QPointF point(across.x(scalogram.firstPosition + ridge.begin + static_cast<double>(i) + 0.5),
                                geometry.y(ridge.periods[i]));
            if (line.isEmpty() || point.x() - line.back().x() >= 1)
                line << point;
        }
        if (line.size() > 4)
            painter->drawPolyline(line);
    }
}

} // namespace winnow::views
