// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/plot_style.h"

#include "views/export/figure_export.h"
#include "views/style/dock_style.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

constexpr double kPaperUnit = 6.4; // 11 px ticks become 7 pt, 12.5 px labels 8 pt

QFont paperFont(double points, bool bold = false)
{
    QFont font = uiFont(11, bold);
    font.setPixelSize(qRound(points * kUnitsPerPoint));
    return font;
}

void styleAxis(QCPAxis* axis, const PlotStyle& style)
{
    const QPen pen(style.paper ? style.theme.ink : style.theme.line, style.axis);
    axis->setBasePen(pen);
    axis->setTickPen(pen);
    axis->setSubTickPen(pen);
    axis->setTickLengthIn(style.px(3));
    axis->setTickLengthOut(0);
    axis->setSubTicks(false);
    axis->setTickLabelFont(style.tick);
    axis->setTickLabelColor(style.paper ? style.theme.ink : style.theme.muted);
    axis->setLabelFont(style.label);
    axis->setLabelColor(style.paper ? style.theme.ink : style.theme.muted);
    axis->setTickLabelPadding(style.px(4));
    axis->setLabelPadding(style.px(3));
    axis->grid()->setVisible(false);
    axis->setSelectableParts(QCPAxis::spNone);
}

} // namespace

PlotStyle PlotStyle::window(const Theme& theme)
{
    return {.theme = theme, .label = uiFont(12), .tick = uiFont(11), .letter = uiFont(12, true), .unit = fontScale()};
}

PlotStyle PlotStyle::onPaper()
{
    return {.theme = Theme::lightTheme(),
            .label = paperFont(8),
            .tick = paperFont(7),
            .letter = paperFont(8, true),
            .unit = kPaperUnit,
            .line = 0.75 * kUnitsPerPoint,
            .focus = 0.75 * kUnitsPerPoint,
            .axis = 0.5 * kUnitsPerPoint,
            .paper = true};
}

void applyStyle(QCPAxisRect* rect, const PlotStyle& style, const Margins& margins)
{
    rect->setLayer(QStringLiteral("background")); // else its ground would cover what is drawn on "grid"
    rect->setAutoMargins(QCP::msNone);
    rect->setMargins(QMargins(style.px(margins.left), style.px(margins.top), style.px(margins.right), style.px(margins.bottom)));
    rect->setMinimumMargins(QMargins());
    rect->setBackground(QBrush(style.ground()));
    rect->setupFullAxesBox();
    for (QCPAxis* axis : rect->axes())
        styleAxis(axis, style);
    for (const auto type : {QCPAxis::atTop, QCPAxis::atRight}) {
        rect->axis(type)->setTicks(false);
        rect->axis(type)->setTickLabels(false);
    }
}

void layOut(QCustomPlot& plot, const QRect& viewport)
{
    plot.setViewport(viewport);
    for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
        plot.plotLayout()->update(phase);
}

QString GroupedTicker::getTickLabel(double tick, const QLocale&, QChar, int)
{
    return grouped(qRound64(tick)).replace(QLatin1Char('-'), QChar(0x2212)); // the minus sign of all figures
}

double GroupedTicker::getTickStep(const QCPRange& range) { return std::max(1.0, QCPAxisTicker::getTickStep(range)); }

PlotPainter::PlotPainter(QCustomPlot* plot, const QString& layer, QCPAxisRect* clip, std::function<void(QCPPainter*)> draw)
    : QCPLayerable(plot, layer), m_clip(clip), m_draw(std::move(draw))
{
    setParent(plot);
}

QRect PlotPainter::clipRect() const { return m_clip ? m_clip->rect() : mParentPlot->viewport(); }

void drawCells(QCPPainter* painter, const QRectF& target, const QImage& cells, bool paper)
{
    painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
    if (!paper) {
        painter->drawImage(target, cells);
        return;
    }
    const double toDots = 600 / kUnitsPerInch; // 600 dots per inch
    const QSize dots = (target.size() * toDots).toSize().expandedTo(cells.size());
    painter->drawImage(target, cells.scaled(dots, Qt::IgnoreAspectRatio, Qt::FastTransformation));
}

QString fitting(const QStringList& texts, const QFont& font, double room)
{
    const QFontMetricsF metrics(font);
    for (const QString& text : texts)
        if (metrics.horizontalAdvance(text) <= room)
            return text;
    return texts.isEmpty() ? QString() : texts.back();
}

QStringList axisTitles(const QString& title)
{
    const QString plain = title.section(QStringLiteral(" ("), 0, 0), first = plain.section(QLatin1Char(' '), 0, 0);
    return {title, plain, first == plain ? plain : first + QChar(0x2026)};
}

double roomBeside(const QCPAxisRect* rect)
{
    constexpr int kEdge = 2;
    const QRect outer = rect->outerRect(), inner = rect->rect();
    return inner.height() + 2.0 * (std::min(inner.top() - outer.top(), outer.bottom() - inner.bottom()) - kEdge);
}

namespace {

constexpr int kPaperTicks = 5, kMostTried = 16;

int ticksShown(const QCPAxis* axis)
{
    QList<double> ticks;
    const QCPRange range = axis->range();
    axis->ticker()->generate(range, QLocale(QLocale::English), QLatin1Char('g'), 6, ticks, nullptr, nullptr);
    return static_cast<int>(std::ranges::count_if(ticks, [&](double tick) { return range.contains(tick); }));
}

} // namespace

void setTickCount(QCPAxis* axis, double length, const QString& widest, const PlotStyle& style, int most)
{
    const QFontMetricsF metrics(style.tick);
    const bool across = axis->orientation() == Qt::Horizontal;
    const double pitch = across ? metrics.horizontalAdvance(widest) + style.px(style.paper ? 8 : 28)
                                : (style.paper ? 1.2 : 1.6) * metrics.height();
    axis->ticker()->setTickCount(std::clamp(static_cast<int>(length / pitch), 2, most));
    // The ticker rounds its steps up. On paper five ticks are wanted, where their labels have room.
    const double tight = across ? pitch - style.px(5) : metrics.height();
    for (int count = axis->ticker()->tickCount(); style.paper && ticksShown(axis) < kPaperTicks && count < kMostTried; ++count) {
        axis->ticker()->setTickCount(count + 1);
        if (ticksShown(axis) * tight > length + tight) // the outer two may stand over the ends
            return axis->ticker()->setTickCount(count);
    }
}

void drawLetter(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, int panel)
{
    painter->setFont(style.letter);
    painter->setPen(style.theme.ink);
    painter->drawText(QPointF(rect->left(), rect->top() - style.px(5)), QStringLiteral("(%1)").arg(QChar('a' + panel)));
}

void drawHatch(QCPPainter* painter, const QRectF& area, const PlotStyle& style)
{
    if (area.isEmpty())
        return;
    painter->save();
    painter->setClipRect(area, Qt::IntersectClip);
    painter->setPen(QPen(style.theme.line, style.axis));
    const double pitch = style.px(6);
    for (double x = std::floor((area.left() - area.height()) / pitch) * pitch; x < area.right(); x += pitch)
        painter->drawLine(QLineF(x, area.bottom(), x + area.height(), area.top()));
    painter->restore();
}

namespace {

/// Of more labels than there is room for those that lie closest to the one before them go, the focus' never.
void leaveOut(std::vector<std::pair<double, std::size_t>>& places, const std::vector<EndLabel>& labels, std::size_t room)
{
    while (places.size() > room) {
        std::size_t closest = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < places.size(); ++i) {
            const double away = i == 0 ? places[1].first - places[0].first : places[i].first - places[i - 1].first;
            if (away < least && !labels[places[i].second].strong) {
                least = away;
                closest = i;
            }
        }
        places.erase(places.begin() + static_cast<std::ptrdiff_t>(closest));
    }
}

} // namespace

void drawEndLabels(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, std::vector<EndLabel> labels)
{
    if (labels.empty())
        return;
    const QFontMetricsF metrics(style.tick);
    const double pitch = metrics.height() * 0.95;
    const QCPAxis* axis = const_cast<QCPAxisRect*>(rect)->axis(QCPAxis::atLeft);
    std::vector<std::pair<double, std::size_t>> places;
    for (std::size_t i = 0; i < labels.size(); ++i)
        places.emplace_back(std::clamp(axis->coordToPixel(labels[i].value), double(rect->top()), double(rect->bottom())), i);
    std::sort(places.begin(), places.end());
    const double half = metrics.capHeight() / 2 + style.px(1);
    const double top = rect->outerRect().top() + half, bottom = rect->outerRect().bottom() - half;
    const auto room = static_cast<std::size_t>(std::max(1.0, (bottom - top) / pitch + 1));
    leaveOut(places, labels, room);
    const std::vector<std::pair<double, std::size_t>> wanted = places;
    // Pushed down where two would overlap, then back up from the bottom edge.
    for (std::size_t i = 1; i < places.size(); ++i)
        places[i].first = std::max(places[i].first, places[i - 1].first + pitch);
    // Many labels on a low chart stand below its axis, then above its frame, rather than on one another.
    const double needed = rect->top() + pitch * static_cast<double>(places.size() - 1);
    double floor = std::max<double>(rect->bottom(), std::min(needed, bottom));
    for (std::size_t i = places.size(); i-- > 0; floor = places[i].first - pitch)
        places[i].first = std::min(places[i].first, floor);
    const double left = rect->right() + style.px(4), swatch = style.px(14);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const EndLabel& label = labels[places[i].second];
        painter->setPen(label.pen);
        painter->setAntialiasing(true);
        painter->drawLine(QLineF(left, wanted[i].first, left + swatch, places[i].first));
        QFont font = style.tick;
        font.setBold(label.strong);
        painter->setFont(font);
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(left + swatch + style.px(4), places[i].first + metrics.capHeight() / 2), label.text);
    }
}

void drawReadoutBox(QCPPainter* painter, const QString& text, const QPoint& pointer, const QRect& area, bool inCorner,
                    const PlotStyle& style)
{
    const QFont font = uiFont(11);
    QRect box = QFontMetrics(font).boundingRect(QRect(0, 0, 400, 400), Qt::AlignLeft, text).adjusted(-6, -4, 6, 4);
    if (inCorner) {
        box.moveTopRight(area.topRight() + QPoint(-5, 6));
        if (box.adjusted(-24, -24, 24, 24).contains(pointer))
            box.moveBottomLeft(area.bottomLeft() + QPoint(6, -5));
    } else {
        const bool right = pointer.x() + box.width() + 16 < area.right();
        box.moveTo(right ? pointer.x() + 14 : pointer.x() - 14 - box.width(),
                   std::clamp(pointer.y() - box.height() / 2, area.top() + 2,
                              std::max(area.top() + 2, area.bottom() - box.height() - 2)));
    }
    QColor ground = raisedOf(style.theme);
    ground.setAlphaF(0.94F);
    painter->setPen(QPen(style.theme.line, 1));
    painter->setBrush(ground);
    painter->drawRect(box);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(style.theme.ink);
    painter->setFont(font);
    painter->drawText(box.adjusted(6, 4, -6, -4), Qt::AlignLeft | Qt::AlignTop, text);
}

} // namespace winnow::views
