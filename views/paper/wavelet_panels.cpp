// SPDX-License-Identifier: GPL-3.0-or-later
// Tables, scalograms and packets on paper. See wavelet_panels.h.
#include "views/paper/wavelet_panels.h"
#include "views/plot/token_ticker.h"
#include "views/wavelet/scalogram_plot.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

/// Pixels of a scalogram: the root of the power, short periods on top.
QImage powerImage(const TokenScalogram& s, double largest, const Theme& theme)
{
    const double most = std::sqrt(largest);
    QImage image(s.positions, s.scales, QImage::Format_RGB32);
    for (int scale = 0; scale < s.scales; ++scale)
        for (int column = 0; column < s.positions; ++column)
            image.setPixel(column, scale, rampColor(theme.choice, most > 0 ? std::sqrt(s.at(scale, column)) / most : 0));
    return image;
}

/// The edges between significant cells and others, as few long lines. Beyond the cone there are none: it means nothing there.
void drawSignificance(QCPPainter* painter, const TokenScalogram& s, const QRectF& area)
{
    const double width = area.width() / s.positions, height = area.height() / s.scales;
    /// Whether exactly one of two neighbors is significant; what lies outside the picture is not.
    const auto differ = [&](int scale, int column, int otherScale, int otherColumn) {
        const auto inPicture = [&](int row, int i) { return row >= 0 && row < s.scales && i >= 0 && i < s.positions; };
        const auto told = [&](int row, int i) { return !inPicture(row, i) || s.insideCone(row, i); };
        const auto significant = [&](int row, int i) { return inPicture(row, i) && s.significant(row, i); };
        return told(scale, column) && told(otherScale, otherColumn) &&
               significant(scale, column) != significant(otherScale, otherColumn);
    };
    for (int scale = 0; scale <= s.scales; ++scale)
        for (int begin = 0; begin < s.positions;) {
            int end = begin;
            while (end < s.positions && differ(scale, end, scale - 1, end))
                ++end;
            if (end > begin)
                painter->drawLine(QLineF(area.left() + begin * width, area.top() + scale * height, area.left() + end * width,
                                         area.top() + scale * height));
            begin = std::max(end, begin + 1);
        }
    for (int column = 0; column <= s.positions; ++column)
        for (int begin = 0; begin < s.scales;) {
            int end = begin;
            while (end < s.scales && differ(end, column, end, column - 1))
                ++end;
            if (end > begin)
                painter->drawLine(QLineF(area.left() + column * width, area.top() + begin * height, area.left() + column * width,
                                         area.top() + end * height));
            begin = std::max(end, begin + 1);
        }
}

/// Everything below the cone's edge, as one shape.
QPolygonF beyondCone(const TokenScalogram& s, const QRectF& area)
{
    const double perScale = s.scales > 1 ? std::log2(s.period[1] / s.period[0]) : 1;
    QPolygonF shape;
    for (int column = 0; column < s.positions; ++column) {
        const double place =
            std::log2(std::max(s.cone[static_cast<std::size_t>(column)], 1e-9) / s.period.front()) / perScale + 0.5;
        shape << QPointF(area.left() + (column + 0.5) * area.width() / s.positions,
                         area.top() + std::clamp(place / s.scales, 0.0, 1.0) * area.height());
    }
    shape << area.bottomRight() << area.bottomLeft();
    return shape;
}

/// Position across, period down by octaves.
void setScalogramAxes(QCPAxisRect* rect, const TokenScalogram& s, const PlotStyle& style)
{
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(s.firstPosition, s.firstPosition + s.positions);
    x->setLabel(QStringLiteral("Position i (token)"));
    setTickCount(x, rect->width(), grouped(s.firstPosition + s.positions), style);
    auto periods = QSharedPointer<QCPAxisTickerText>::create();
    const double perScale = s.scales > 1 ? std::log2(s.period[1] / s.period[0]) : 1;
    for (double octave = std::ceil(std::log2(s.period.front()) - 1e-9); std::exp2(octave) <= s.period.back() * (1 + 1e-9);
         ++octave)
        periods->addTick((octave - std::log2(s.period.front())) / perScale + 0.5,
                         grouped(static_cast<qint64>(std::exp2(octave))));
    y->setTicker(periods);
    y->setRangeReversed(true);
    y->setRange(0, s.scales);
    y->setLabel(
        fitting({QStringLiteral("Period (tokens per cycle)"), QStringLiteral("Period (tokens)"), QStringLiteral("Period")},
                style.label, rect->height() + rect->margins().top()));
}

int hiddenOf(int positions, int hide) { return positions > 2 * hide + 1 ? hide : 0; }

void setPacketAxes(QCPAxisRect* rect, const PacketBands& p, int hide, const PlotStyle& style)
{
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<TokenTicker>::create());
    x->setRange(p.firstPosition + hide, p.firstPosition + p.positions - hide);
    x->setLabel(QStringLiteral("Position i (token)"));
    setTickCount(x, rect->width(), grouped(p.firstPosition + p.positions), style);
    y->setRange(0, 0.5);
    y->setLabel(
        fitting({QStringLiteral("Frequency (cycles per token)"), QStringLiteral("Cycles per token"), QStringLiteral("Frequency")},
                style.label, rect->height() + rect->margins().top()));
}

/// A row of colors for every node, a page-colored line between them.
void drawNodes(QCPPainter* painter, const QCPAxisRect* rect, const PacketBands& p, int columns, const PlotStyle& style,
               const std::function<QRgb(std::size_t node, int column)>& color)
{
    const QCPAxis* y = rect->axis(QCPAxis::atLeft);
    for (std::size_t n = 0; n < p.nodes.size(); ++n) {
        QImage row(columns, 1, QImage::Format_RGB32);
        for (int i = 0; i < columns; ++i)
            row.setPixel(i, 0, color(n, i));
        const double top = y->coordToPixel(p.nodes[n].high), bottom = y->coordToPixel(p.nodes[n].low);
        drawCells(painter, QRectF(QPointF(rect->left(), top), QPointF(rect->right() + 1, bottom)), row, true);
        painter->setPen(QPen(style.theme.page, style.axis));
        painter->drawLine(QLineF(rect->left(), top, rect->right() + 1, top));
    }
}

} // namespace

QStringList numberWords(double value, bool plus)
{
    const auto words = [&](int digits, bool bare) {
        const QString number = QString::number(std::abs(value), 'f', digits);
        if (number.toDouble() == 0) // neither sign is true of what is shown
            return bare ? QStringLiteral("0") : number;
        const QString sign = value < 0 ? QStringLiteral("−") : plus ? QStringLiteral("+") : QString();
        return sign + (bare && number.startsWith(QLatin1String("0.")) ? number.mid(1) : number);
    };
    return {words(2, false), words(2, true), words(1, true)};
}

QString levelName(int level, int levels) { return level < levels ? QString::number(level + 1) : QStringLiteral("rest"); }

void drawTable(QCPPainter* painter, const QCPAxisRect* rect, const Cells& cells, const PlotStyle& style)
{
    const double width = double(rect->width()) / std::max(1, cells.columns),
                 height = double(rect->height()) / std::max(1, cells.rows);
    const QFontMetricsF metrics(style.tick);
    painter->setFont(style.tick);
    qsizetype format = 0; // alike in all cells
    for (const QStringList& words : cells.words)
        while (format < words.size() && metrics.horizontalAdvance(words[format]) > width - style.px(3))
            ++format;
    for (int row = 0; row < cells.rows; ++row)
        for (int column = 0; column < cells.columns; ++column) {
            const auto at =
                static_cast<std::size_t>(row) * static_cast<std::size_t>(cells.columns) + static_cast<std::size_t>(column);
            const QRectF cell(rect->left() + column * width, rect->top() + row * height, width - style.px(1),
                              height - style.px(1));
            if (!cells.colors[at]) {
                drawHatch(painter, cell, style);
                continue;
            }
            const QColor color = QColor::fromRgb(*cells.colors[at]);
            painter->fillRect(cell, color);
            const QString text = cells.words[at].value(format);
            painter->setPen(toOkLab(color.rgb()).L > 0.6 ? style.theme.ink : QColor(Qt::white));
            painter->drawText(
                QPointF(cell.center().x() - metrics.horizontalAdvance(text) / 2, cell.center().y() + metrics.capHeight() / 2),
                text);
        }
}

void setTableAxes(QCPAxisRect* rect, const ScaleMatrix& m, const PlotStyle& style)
{
    auto down = QSharedPointer<QCPAxisTickerText>::create(), across = QSharedPointer<QCPAxisTickerText>::create();
    for (int level = 0; level <= m.levels; ++level)
        down->addTick(level + 0.5, levelName(level, m.levels));
    // The outermost edges always, and of the others those that do not touch one already there.
    const QFontMetricsF metrics(style.tick);
    const double width = double(rect->width()) / std::max(1, m.octaves);
    const auto half = [&](std::size_t i) { return metrics.horizontalAdvance(grouped(m.edges[i])) / 2 + style.px(2); };
    double left = -HUGE_VAL;
    for (std::size_t i = 0; i < m.edges.size(); ++i) {
        const std::size_t last = m.edges.size() - 1;
        const double at = static_cast<double>(i) * width;
        const bool fits = at - half(i) >= left && (i == last || at + half(i) <= static_cast<double>(last) * width - half(last));
        across->addTick(static_cast<double>(i), fits || i == 0 || i == last ? grouped(m.edges[i]) : QString());
        if (fits)
            left = at + half(i);
    }
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(across);
    x->setRange(0, std::max(1, m.octaves));
    x->setLabel(
        fitting({QStringLiteral("Distance from now (tokens)"), QStringLiteral("Distance (tokens)"), QStringLiteral("Distance")},
                style.label, rect->width()));
    y->setTicker(down);
    y->setTickLength(0);
    y->setRange(0, m.levels + 1);
    y->setRangeReversed(true);
    y->setLabel(QStringLiteral("Level"));
}

Cells lostCells(const ScaleMatrix& m, const std::vector<double>& lost, const Theme& theme)
{
    Cells cells{m.levels + 1, m.octaves, {}, {}};
    for (std::size_t i = 0; i < lost.size(); ++i) {
        const bool shown = !m.masked[i] && !std::isnan(lost[i]);
        cells.colors.push_back(shown ? std::optional(rampColor(theme.lost, 0.8 * lost[i])) : std::nullopt);
        cells.words.push_back(shown ? numberWords(lost[i], false) : QStringList());
    }
    return cells;
}

void addScalogram(QCPAxisRect* rect, const TokenScalogram& s, double most, const PlotStyle& style)
{
    setScalogramAxes(rect, s, style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=, &s](QCPPainter* painter) {
        const QRectF area = rect->rect();
        drawCells(painter, area, powerImage(s, most, style.theme), true);
        drawHatchIn(painter, beyondCone(s, area), style);
        if (s.threshold.empty())
            return;
        painter->setPen(QPen(style.theme.ink, style.axis));
        drawSignificance(painter, s, area);
    });
}

void addScalogramDifference(QCPAxisRect* rect, const std::array<TokenScalogram, 2>& both, const PlotStyle& style)
{
    setScalogramAxes(rect, both[0], style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=, &both](QCPPainter* painter) {
        const TokenScalogram& s = both[0];
        const QRectF cells(0, 0, s.positions, s.scales); // a pixel per cell
        drawCells(painter, rect->rect(),
                  scalogramDifference(s, both[1], scalogramGeometry(s, cells, s.firstPosition, s.firstPosition + s.positions),
                                      style.theme, 1),
                  true);
        for (const TokenScalogram& one : both)
            if (one.positions == s.positions)
                drawHatchIn(painter, beyondCone(one, rect->rect()), style);
    });
}

PacketScale packetScale(const std::vector<const PacketBands*>& pictures, int hide)
{
    double most = 0, least = HUGE_VAL;
    for (const PacketBands* p : pictures) {
        const int cut = hiddenOf(p->positions, hide);
        for (const auto& node : p->nodes)
            for (int i = cut; i < p->positions - cut; ++i) {
                const double value = node.magnitude[static_cast<std::size_t>(i)];
                most = std::max(most, value);
                least = value > 0 ? std::min(least, value) : least;
            }
    }
    return {most, most > 0 ? std::max(1e-9, std::min(4.0, std::log10(most / least))) : 1};
}

void addPackets(QCPAxisRect* rect, const PacketBands& p, const PacketScale& scale, int hide, const PlotStyle& style)
{
    const int cut = hiddenOf(p.positions, hide);
    setPacketAxes(rect, p, cut, style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=, &p](QCPPainter* painter) {
        drawNodes(painter, rect, p, p.positions - 2 * cut, style, [&](std::size_t node, int column) {
            const double value = p.nodes[node].magnitude[static_cast<std::size_t>(column + cut)];
            return rampColor(style.theme.choice, value > 0 ? 1 + std::log10(value / scale.most) / scale.decades : 0);
        });
    });
}

void addPacketDifference(QCPAxisRect* rect, const std::array<PacketBands, 2>& both, int hide, const PlotStyle& style)
{
    const PacketBands &a = both[0], &b = both[1];
    const int cut = hiddenOf(a.positions, hide), columns = a.positions - 2 * cut;
    setPacketAxes(rect, a, cut, style);
    new PlotPainter(rect->parentPlot(), QStringLiteral("main"), rect, [=, &a, &b](QCPPainter* painter) {
        drawNodes(painter, rect, a, columns, style, [&](std::size_t node, int column) {
            const int other = column + cut + b.positions - a.positions;
            if (other < 0)
                return style.theme.none;
            const double x = a.nodes[node].magnitude[static_cast<std::size_t>(column + cut)];
            const double y = b.nodes[node].magnitude[static_cast<std::size_t>(other)], share = x + y > 0 ? (x - y) / (x + y) : 0;
            return mixOkLab(style.theme.none, share > 0 ? style.theme.differenceThis : style.theme.differenceReference,
                            std::abs(share));
        });
    });
}

} // namespace winnow::views
