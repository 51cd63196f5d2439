// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/band_stack.h"
#include "views/plot/short_number.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kFill = 0.86; ///< of a row's height
constexpr double kMostDecades = 5;

QString power(int exponent)
{
    QString digits = QString::number(exponent);
    const QString from = QStringLiteral("-0123456789"), to = QStringLiteral("⁻⁰¹²³⁴⁵⁶⁷⁸⁹");
    for (QChar& c : digits)
        c = to[from.indexOf(c)];
    return QStringLiteral("10") + digits;
}

/// Fills between `base` and the heights, in runs without NaN; a line along the heights.
void fillRuns(QCPPainter* painter, const QRectF& area, double base, const std::vector<double>& y, const QColor& fill,
              const QPen& line)
{
    const double pitch = area.width() / static_cast<double>(y.size());
    for (std::size_t begin = 0; begin < y.size();) {
        if (std::isnan(y[begin])) {
            ++begin;
            continue;
        }
        std::size_t end = begin;
        QPolygonF outline;
        for (; end < y.size() && !std::isnan(y[end]); ++end)
            outline << QPointF(area.left() + pitch * static_cast<double>(end), y[end])
                    << QPointF(area.left() + pitch * static_cast<double>(end + 1), y[end]);
        QPolygonF closed = outline;
        closed << QPointF(outline.back().x(), base) << QPointF(outline.front().x(), base);
        painter->setPen(Qt::NoPen);
        painter->setBrush(fill);
        painter->drawPolygon(closed);
        if (line.style() != Qt::NoPen) {
            painter->setPen(line);
            painter->setBrush(Qt::NoBrush);
            painter->drawPolyline(outline);
        }
        begin = end;
    }
}

QColor withAlpha(QColor color, double alpha)
{
    color.setAlphaF(static_cast<float>(alpha));
    return color;
}

std::span<const double> inner(std::span<const double> values, int hide)
{
    const auto cut = static_cast<std::size_t>(hide);
    return values.size() > 2 * cut ? values.subspan(cut, values.size() - 2 * cut) : values;
}

} // namespace

int StackGeometry::rowAt(double y) const
{
    if (rows < 1 || y < area.top() || y >= area.bottom())
        return -1;
    return std::min(rows - 1, static_cast<int>((y - area.top()) / rowHeight()));
}

std::pair<int, int> StackGeometry::tokensOfColumn(int column, int columns, int first, int count) const
{
    const double width = (tokenEnd - tokenBegin) / columns;
    const int begin = static_cast<int>(std::floor(tokenBegin + column * width + 1e-9));
    const int end = std::max(begin + 1, static_cast<int>(std::floor(tokenBegin + (column + 1) * width + 1e-9)));
    return {std::clamp(begin - first, 0, count), std::clamp(end - first, 0, count)};
}

std::vector<double> columnMax(std::span<const double> values, int first, const StackGeometry& geometry, int columns)
{
    std::vector<double> most(static_cast<std::size_t>(columns), NAN);
    for (int column = 0; column < columns; ++column) {
        const auto [begin, end] = geometry.tokensOfColumn(column, columns, first, static_cast<int>(values.size()));
        if (begin < end)
            most[static_cast<std::size_t>(column)] = *std::max_element(values.begin() + begin, values.begin() + end);
    }
    return most;
}

std::vector<double> columnDifference(std::span<const double> a, std::span<const double> b, int first,
                                     const StackGeometry& geometry, int columns)
{
    std::vector<double> difference(static_cast<std::size_t>(columns), NAN);
    const auto shift = static_cast<std::ptrdiff_t>(b.size()) - static_cast<std::ptrdiff_t>(a.size());
    for (int column = 0; column < columns; ++column) {
        const auto [begin, end] = geometry.tokensOfColumn(column, columns, first, static_cast<int>(a.size()));
        double sumA = 0, sumB = 0;
        int count = 0;
        for (int i = begin; i < end; ++i) {
            if (i + shift < 0)
                continue;
            sumA += a[static_cast<std::size_t>(i)];
            sumB += b[static_cast<std::size_t>(i + shift)];
            ++count;
        }
        if (count > 0)
            difference[static_cast<std::size_t>(column)] = sumA + sumB > 0 ? (sumA - sumB) / (sumA + sumB) : 0;
    }
    return difference;
}

MagnitudeScale::MagnitudeScale(RowScale kind, const std::vector<std::vector<BandRow>>& pictures, int hide)
    : m_kind(kind), m_most{}
{
    double least = HUGE_VAL, most = 0;
    for (const auto& rows : pictures) {
        m_most.resize(std::max(m_most.size(), rows.size()), 0);
        for (std::size_t row = 0; row < rows.size(); ++row)
            for (const double value : inner(rows[row].values, hide)) {
                m_most[row] = std::max(m_most[row], value);
                if (value > 0)
                    least = std::min(least, value);
            }
    }
    for (const double one : m_most)
        most = std::max(most, one);
    if (m_kind != RowScale::Own)
        std::fill(m_most.begin(), m_most.end(), most);
    if (most <= 0)
        return;
    m_high = static_cast<int>(std::ceil(std::log10(most)));
    m_low = std::max(static_cast<int>(std::floor(std::log10(least))), static_cast<int>(m_high - kMostDecades));
    m_low = std::min(m_low, m_high - 1);
}

double MagnitudeScale::share(int row, double value) const
{
    if (std::isnan(value) || value <= 0)
        return value;
    if (m_kind == RowScale::Log)
        return std::clamp((std::log10(value) - m_low) / (m_high - m_low), 0.0, 1.0);
    const double most = m_most[std::min(static_cast<std::size_t>(row), m_most.size() - 1)];
    return most > 0 ? std::clamp(value / most, 0.0, 1.0) : 0;
}

QString MagnitudeScale::words() const
{
    if (m_kind == RowScale::Log)
        return QStringLiteral("log, %1 to %2").arg(power(m_low), power(m_high));
    if (m_kind == RowScale::Linear)
        return QStringLiteral("linear, 0 to %1").arg(shortNumber(m_most.empty() ? 0.0 : m_most.front()));
    return QStringLiteral("each row to its largest");
}

void drawBands(QCPPainter* painter, const StackGeometry& geometry, const std::vector<BandRow>& rows, int first, int hide,
               const MagnitudeScale& scale, const PlotStyle& style, double pixelRatio)
{
    const int columns = std::max(1, static_cast<int>(std::lround(geometry.area.width() * pixelRatio)));
    const Theme& theme = style.theme;
    const QColor band = QColor::fromRgb(theme.choice[theme.dark ? 84 : 94]),
                 orange = QColor::fromRgb(theme.lost[theme.dark ? 84 : 78]);
    const double pen = style.paper ? 0.67 * style.line : 1;
    painter->setAntialiasing(true);
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        const BandRow& one = rows[static_cast<std::size_t>(row)];
        const double base = geometry.rowTop(row + 1) - 0.5, height = kFill * geometry.rowHeight();
        const auto outline = [&](std::span<const double> values) {
            const auto shown = inner(values, hide);
            std::vector<double> y = columnMax(shown, shown.size() < values.size() ? first + hide : first, geometry, columns);
            for (double& value : y)
                value = base - height * scale.share(row, value);
            return y;
        };
        const QColor color = row == 0 ? theme.muted : band;
        const bool lost = !one.lost.empty();
        fillRuns(painter, geometry.area, base, outline(one.values), withAlpha(color, lost ? 0.25 : 0.45),
                 QPen(withAlpha(color, lost ? 0.7 : 1), pen));
        if (lost)
            fillRuns(painter, geometry.area, base, outline(one.lost), withAlpha(orange, 0.55), QPen(orange, pen));
    }
}

void drawBandDifference(QCPPainter* painter, const StackGeometry& geometry, const std::vector<BandRow>& a,
                        const std::vector<BandRow>& b, int first, int hide, const PlotStyle& style, double pixelRatio)
{
    const int columns = std::max(1, static_cast<int>(std::lround(geometry.area.width() * pixelRatio)));
    const QColor above = QColor::fromRgb(style.theme.differenceThis), below = QColor::fromRgb(style.theme.differenceReference);
    painter->setAntialiasing(true);
    for (int row = 0; row < static_cast<int>(std::min(a.size(), b.size())); ++row) {
        const auto at = static_cast<std::size_t>(row);
        const double middle = (geometry.rowTop(row) + geometry.rowTop(row + 1)) / 2, height = kFill / 2 * geometry.rowHeight();
        const auto valuesA = inner(a[at].values, hide), valuesB = inner(b[at].values, hide);
        const int start = valuesA.size() < a[at].values.size() ? first + hide : first;
        const std::vector<double> difference = columnDifference(valuesA, valuesB, start, geometry, columns);
        std::vector<double> up = difference, down = difference;
        for (std::size_t i = 0; i < difference.size(); ++i) {
            up[i] = middle - height * std::max(0.0, difference[i]);
            down[i] = middle - height * std::min(0.0, difference[i]);
            if (std::isnan(difference[i]))
                up[i] = down[i] = NAN;
        }
        painter->setPen(QPen(style.theme.line, style.paper ? style.axis : 1));
        painter->drawLine(QLineF(geometry.area.left(), middle, geometry.area.right(), middle));
        fillRuns(painter, geometry.area, middle, up, withAlpha(above, 0.75), Qt::NoPen);
        fillRuns(painter, geometry.area, middle, down, withAlpha(below, 0.75), Qt::NoPen);
    }
}

} // namespace winnow::views
