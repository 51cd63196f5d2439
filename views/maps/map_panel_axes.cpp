// SPDX-License-Identifier: GPL-3.0-or-later
// The axes of a panel: tokens or distances across, steps or lanes down, and the slots beside lane rows. The rest of PanelFrame is
// in map_panel.cpp.
#include "views/maps/map_panel.h"

#include "views/state/lane_choice.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace winnow::views {

void PanelFrame::drawAxes(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (m_panel.hasTokenAxis) {
        if (geometry.distance)
            drawDistanceAxis(painter);
        else
            drawTokenAxis(painter);
    }
    if (geometry.rowsAreLanes()) {
        drawLayerAxis(painter);
        drawSlots(painter);
    } else {
        drawStepAxis(painter);
    }
}

void PanelFrame::drawTokenAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double top = geometry.rug().bottom() + 1, bottom = geometry.outer.bottom() + 1.0;
    const double numbersTop = bottom - std::max(15.0, metrics.height());
    painter->setPen(m_scene.theme.muted);
    if (geometry.tokenWidth() >= kLabelledToken) {
        for (int token = static_cast<int>(std::ceil(geometry.zoom.tokenBegin - 0.5)); token < m_scene.tokens; ++token) {
            const double x = geometry.x(token + 0.5);
            if (x > geometry.map.left() + geometry.map.width())
                break;
            if (x < geometry.map.left())
                continue;
            painter->save();
            painter->translate(x, top);
            painter->rotate(90);
            painter->drawText(QRectF(2, -metrics.height() / 2, numbersTop - top, metrics.height()),
                              Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, tokenLabel(m_scene.data, token));
            painter->restore();
        }
    }
    const double widest = metrics.horizontalAdvance(grouped(m_scene.tokens));
    double taken = geometry.map.left() - 1.0;
    for (const int tick : axisTicks(geometry.zoom.tokenBegin, geometry.zoom.tokenEnd, geometry.map.width(), widest + 10)) {
        const QString text = grouped(tick);
        const double width = metrics.horizontalAdvance(text) + 1;
        const double left = std::min(geometry.x(tick) - width / 2, geometry.outer.right() - 1.0 - width); // the last one moves in
        if (left < taken && tick != 0)
            continue;
        painter->drawText(QRectF(left, numbersTop, width, bottom - numbersTop), Qt::AlignCenter | Qt::TextSingleLine, text);
        taken = left + width + 6;
    }
    drawAxisTitle(painter, QStringLiteral("token"));
}

/// The title of the axis across, left of its numbers.
void PanelFrame::drawAxisTitle(QCPPainter* painter, const QString& title) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double bottom = geometry.outer.bottom() + 1.0, top = bottom - std::max(15.0, metrics.height());
    const double width = metrics.horizontalAdvance(title) + 1;
    painter->drawText(QRectF(std::max(double(geometry.outer.left()), geometry.map.left() - 12 - width), top, width, bottom - top),
                      Qt::AlignCenter | Qt::TextSingleLine, title);
}

/// "now" at the right, then powers of two to the left as far as they have room.
void PanelFrame::drawDistanceAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double bottom = geometry.outer.bottom() + 1.0, numbersTop = bottom - std::max(15.0, metrics.height());
    painter->setPen(m_scene.theme.muted);
    double free = geometry.map.left() + geometry.map.width() + 2.0;
    const auto tick = [&](double distance, const QString& text) {
        const double at = geometry.map.left() + geometry.distance->at(distance) * geometry.map.width();
        const double width = metrics.horizontalAdvance(text) + 1, left = std::min(at - width / 2, free - width);
        if (left < geometry.map.left() - width / 2 - 1 || left + width > free || std::abs(left + width / 2 - at) > width / 2 + 1)
            return;
        painter->drawText(QRectF(left, numbersTop, width, bottom - numbersTop), Qt::AlignCenter | Qt::TextSingleLine, text);
        painter->drawLine(QLineF(std::min(at, double(geometry.map.right())), geometry.map.bottom() + 2.0,
                                 std::min(at, double(geometry.map.right())), geometry.map.bottom() + 5.0));
        free = left - 10;
    };
    tick(0, QStringLiteral("now"));
    for (double distance = geometry.distance->unit / 4; distance < geometry.distance->most; distance *= 2)
        tick(distance, grouped(static_cast<qint64>(distance)));
    drawAxisTitle(painter, QStringLiteral("distance"));
}

void PanelFrame::drawStepAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double right = geometry.gutter().left() - 4, left = geometry.outer.left(), height = metrics.height();
    const double titleBottom = geometry.outer.bottom() + 1.0 - std::max(15.0, height);
    painter->setPen(m_scene.theme.muted);
    const double spacing = std::max(28.0, 2 * height);
    bool titled = false;
    for (const int tick : axisTicks(geometry.zoom.stepBegin, geometry.zoom.stepEnd, geometry.map.height(), spacing)) {
        double top = geometry.y(tick) - height / 2;
        top = std::clamp(top, static_cast<double>(geometry.outer.top()), titleBottom - height + 3);
        painter->drawText(QRectF(left, top, right - left, height), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                          grouped(tick));
        if (!titled && top + 2 * height < titleBottom)
            painter->drawText(QRectF(left, top + height - 2, right - left, height),
                              Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, QStringLiteral("step"));
        titled = true;
    }
}

/// The number of a layer where its rows begin, as many as have room.
void PanelFrame::drawLayerAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (!m_panel.planes || m_panel.planes->rows.empty())
        return;
    const std::vector<StepRow>& rows = m_panel.planes->rows;
    const QFontMetricsF metrics(painter->font());
    const double pitch = double(geometry.map.height()) / static_cast<double>(rows.size()), height = metrics.height();
    const double right = geometry.gutter().left() - 4, left = geometry.outer.left();
    painter->setPen(m_scene.theme.muted);
    double free = geometry.outer.top();
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (row > 0 && rows[row].layer == rows[row - 1].layer)
            continue;
        std::size_t last = row;
        while (last + 1 < rows.size() && rows[last + 1].layer == rows[row].layer)
            ++last;
        const double middle = geometry.map.top() + pitch * static_cast<double>(row + last + 1) / 2;
        const double top = std::max<double>(middle - height / 2, geometry.map.top() - height / 2 + 1);
        if (top < free - 2)
            continue;
        const auto layer = static_cast<std::size_t>(rows[row].layer);
        const auto& numbers = m_scene.data.replay->layers;
        const QString number = QString::number(layer < numbers.size() ? raw(numbers[layer]) : rows[row].layer);
        painter->drawText(QRectF(left, top, right - left, height), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                          row == 0 && metrics.horizontalAdvance(QStringLiteral("layer ") + number) < right - left
                              ? QStringLiteral("layer ") + number
                              : number);
        free = top + height;
    }
}

/// What every row stores as a bar, its budget as a tick; one scale for all panels.
void PanelFrame::drawSlots(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const double left = geometry.map.left() + geometry.map.width() + MapGeometry::kSlotsGap, width = MapGeometry::kSlotsWidth;
    painter->fillRect(QRectF(left - 1, geometry.map.top(), 1, geometry.map.height()), m_scene.theme.line);
    if (!m_panel.planes || m_panel.planes->rows.empty() || m_scene.mostSlots <= 0)
        return;
    const std::vector<StepRow>& rows = m_panel.planes->rows;
    const double pitch = double(geometry.map.height()) / static_cast<double>(rows.size());
    const auto xOf = [&](double slots_) { return left + std::min(1.0, slots_ / m_scene.mostSlots) * width; };
    double stored = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const double top = geometry.map.top() + pitch * static_cast<double>(row), gap = pitch >= 4 ? 1 : 0;
        painter->fillRect(QRectF(left, top, xOf(rows[row].stored) - left, pitch - gap), m_scene.theme.muted);
        if (rows[row].budget > 0 && rows[row].budget <= m_scene.mostSlots)
            painter->fillRect(QRectF(xOf(rows[row].budget) - 1, top, 1.5, pitch), m_scene.theme.ink);
        stored += rows[row].stored / static_cast<double>(rows.size());
    }
    const QFontMetricsF metrics(painter->font());
    const QString words = QStringLiteral("stores ") + grouped(std::lround(stored));
    const double room = geometry.outer.right() - left + MapGeometry::kSlotsGap + 20;
    painter->setPen(m_scene.theme.muted);
    painter->drawText(
        QRectF(geometry.outer.right() - 2 - room, geometry.map.top() - metrics.height() - 1, room, metrics.height()),
        Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
        metrics.horizontalAdvance(words) <= room ? words : grouped(std::lround(stored)));
}

} // namespace winnow::views
