// SPDX-License-Identifier: GPL-3.0-or-later
// What follows the Selection in a panel; the rest of it is in map_panel.cpp.
#include "views/maps/map_panel.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

double areaBottom(const MapGeometry& geometry) { return double(geometry.map.top()) + geometry.map.height(); }

} // namespace

PanelMarks::PanelMarks(QCustomPlot* plot, const MapScene& scene, const MapPanel& panel)
    : QCPLayerable(plot, QStringLiteral("overlay")), m_scene(scene), m_panel(panel)
{
}

void PanelMarks::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(false); }

void PanelMarks::draw(QCPPainter* painter)
{
    const MapGeometry& geometry = m_panel.geometry;
    const SelectionState& state = m_scene.selection->state();
    const Theme& theme = m_scene.theme;
    const double left = geometry.map.left(), right = left + geometry.map.width();
    const double top = geometry.map.top(), bottom = top + geometry.map.height();
    if (state.tokenRange)
        drawRange(painter, *state.tokenRange, Qt::Horizontal);
    if (state.stepRange)
        drawRange(painter, *state.stepRange, Qt::Vertical);
    drawCarriers(painter);
    if (state.token) {
        QPen pen(theme.ink, 1);
        pen.setDashPattern({3, 3});
        painter->setPen(pen);
        drawEdge(painter, *state.token + 0.5);
        if (*state.token < geometry.sinks) {
            const double gutter = geometry.gutter().left() + (*state.token + 0.5) * MapGeometry::kSinkWidth;
            painter->drawLine(QLineF(gutter, top, gutter, bottom));
        }
    }
    drawStep(painter);
    drawDivergence(painter);
    const double y = geometry.rowsAreLanes() ? top - 10 : geometry.y(state.step + 0.5);
    std::vector<QRectF> taken{m_panel.plate, QRectF(left, y - 2, right - left, 4)}; // what names give way to
    for (const Span& span : state.spans)
        drawSpan(painter, span, taken);
    const QColor blue = QColor::fromRgb(theme.differenceThis);
    if (m_scene.focusFrame && state.focus == m_panel.policy && !(m_scene.maximizedDifference && m_panel.reference < 0)) {
        painter->setBrush(Qt::NoBrush);
        QPen pen(blue, 2);
        pen.setJoinStyle(Qt::MiterJoin);
        painter->setPen(pen);
        QRectF around = geometry.area().united(geometry.gutter());
        if (!geometry.rowsAreLanes())
            around = around.united(geometry.rug());
        painter->drawRect(around.adjusted(-2, -2, 2, 1));
    }
    if (m_scene.rubberBand) {
        QRectF band(QPointF(geometry.x(m_scene.rubberBand->tokenBegin), geometry.y(m_scene.rubberBand->stepBegin)),
                    QPointF(geometry.x(m_scene.rubberBand->tokenEnd), geometry.y(m_scene.rubberBand->stepEnd)));
        band = band.normalized();
        if (geometry.rowsAreLanes() || geometry.distance) { // only one of the two ranges can be chosen there
            const QRectF area = geometry.area();
            band = geometry.distance ? QRectF(area.left(), band.top(), area.width(), band.height())
                                     : QRectF(band.left(), area.top(), band.width(), area.height());
        }
        const QRectF shown = band & geometry.area();
        QColor fill = blue;
        fill.setAlphaF(0.12f);
        painter->fillRect(shown, fill);
        painter->setPen(QPen(blue, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(shown);
    }
}

void PanelMarks::drawStep(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const double left = geometry.map.left(), right = left + geometry.map.width();
    const double top = geometry.map.top(), bottom = top + geometry.map.height();
    const int step = m_scene.selection->state().step;
    painter->setAntialiasing(true);
    if (geometry.rowsAreLanes()) { // all rows are at the step: a line where what is read ends
        const double x = geometry.xAt(step + 1, step);
        if (x >= left && x <= right + 1)
            painter->fillRect(QRectF(std::clamp(x - 0.75, left, right - 1.5), top, 1.5, bottom - top), m_scene.theme.ink);
    } else if (const double y = geometry.y(step + 0.5); y >= top && y <= bottom) {
        const double edge = std::clamp(y - 0.75, top, bottom - 1.5);
        const QRectF& plate = m_panel.plate;
        const bool behind = edge + 1.5 > plate.top() && edge < plate.bottom(), atLeft = plate.left() <= left;
        const double from = behind && atLeft ? plate.right() : left, to = behind && !atLeft ? plate.left() : right;
        painter->fillRect(QRectF(from, edge, to - from, 1.5), m_scene.theme.ink);
        painter->fillRect(QRectF(geometry.gutter().left(), edge, geometry.gutter().width(), 1.5), m_scene.theme.ink);
    }
    painter->setAntialiasing(false);
}

/// Straight down, or on the axis of distances a curve that drifts to the left.
void PanelMarks::drawEdge(QCPPainter* painter, double token) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const double top = geometry.map.top(), bottom = top + geometry.map.height();
    const double left = geometry.map.left(), right = left + geometry.map.width();
    if (!geometry.distance || geometry.rowsAreLanes()) {
        const double x = std::floor(geometry.xAt(token, geometry.now)) + 0.5;
        if (x < left || x > right)
            return;
        double from = topAt(x);
        for (const QRectF& word : m_panel.words) // from the top down, as they were drawn
            if (x >= word.left() && x <= word.right() && word.top() > from) {
                painter->drawLine(QLineF(x, from, x, word.top()));
                from = word.bottom();
            }
        painter->drawLine(QLineF(x, from, x, bottom));
        return;
    }
    QPolygonF curve; // the token is there from its own step on
    for (double y = std::max(top, geometry.y(token)); y <= bottom; y += 2)
        if (const double x = geometry.xAt(token, geometry.stepAt(y)); x >= left && x <= right)
            curve << QPointF(x, y);
    painter->setAntialiasing(true);
    painter->drawPolyline(curve);
    painter->setAntialiasing(false);
}

double PanelMarks::topAt(double x) const
{
    const bool behind = x >= m_panel.plate.left() && x <= m_panel.plate.right();
    return behind ? std::max<double>(m_panel.plate.bottom(), m_panel.geometry.map.top()) : m_panel.geometry.map.top();
}

void PanelMarks::drawRange(QCPPainter* painter, const Range& range, Qt::Orientation along) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const bool tokens = along == Qt::Horizontal;
    const QRectF area = geometry.area();
    if (!tokens && geometry.rowsAreLanes())
        return; // there are no steps along y
    QColor hair = m_scene.theme.ink;
    if (!geometry.distance || !tokens) {
        const QPointF from =
            tokens ? QPointF(geometry.x(range.begin), area.top()) : QPointF(area.left(), geometry.y(range.begin));
        const QPointF to = tokens ? QPointF(geometry.x(range.end), area.bottom()) : QPointF(area.right(), geometry.y(range.end));
        const QRectF band(from, to);
        QColor fill = hair;
        fill.setAlphaF(0.06f);
        if (const QRectF shown = band & area; !shown.isEmpty())
            painter->fillRect(shown, fill);
        hair.setAlphaF(0.8f);
    }
    painter->setPen(QPen(hair, 1));
    if (tokens) { // they give way to the words
        drawEdge(painter, range.begin);
        drawEdge(painter, range.end);
        return;
    }
    for (const int step : {range.begin, range.end}) {
        const double y = geometry.y(step);
        if (const auto part = clippedLine(QLineF(area.left(), y, area.right(), y), area))
            painter->drawLine(*part);
    }
}

/// Ticks up from the lower edge, a pixel at least, for the tokens of the brush that carry what is brushed.
void PanelMarks::drawCarriers(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (geometry.distance)
        return; // a token has no place of its own there
    const QRectF area = geometry.area();
    double drawn = -1;
    for (const int token : m_scene.selection->carriers()) {
        const double left = std::floor(geometry.x(token)), right = std::max(left + 1, std::floor(geometry.x(token + 1)));
        if (left == drawn || right < area.left() || left > area.right())
            continue;
        painter->fillRect(QRectF(QPointF(left, area.bottom() - 6), QPointF(right, area.bottom())) & area,
                          QColor::fromRgb(m_scene.theme.differenceThis));
        drawn = left;
    }
}

/// Boxes over the step line, or at the upper edge of lane rows, around the tokens that focus and reference part at. Those that
/// would lie over each other are one: many would be a solid field.
void PanelMarks::drawDivergence(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const SelectionState& state = m_scene.selection->state();
    if (m_panel.policy != state.focus && m_panel.policy != state.reference)
        return;
    const QRectF area = geometry.area();
    const double middle = geometry.rowsAreLanes() ? area.top() + 5 : geometry.y(state.step + 0.5);
    painter->setPen(QPen(m_scene.theme.ink, 1));
    painter->setBrush(Qt::NoBrush);
    std::vector<QRectF> boxes;
    for (const int token : m_scene.diverging) {
        const double from = geometry.xAt(token, state.step), to = geometry.xAt(token + 1, state.step);
        const double half = std::max(2.5, (to - from) / 2), left = std::floor((from + to) / 2 - half) + 0.5;
        const QRectF box(left, std::floor(middle) - 4.5, std::ceil(2 * half), 9);
        if (box.right() < area.left() || box.left() > area.right() || !box.intersects(area))
            continue;
        if (!boxes.empty() && box.left() < boxes.back().right() - 1)
            boxes.back() |= box;
        else
            boxes.push_back(box);
    }
    for (const QRectF& box : boxes)
        painter->drawRect(box & area.adjusted(0, 0, -1, -1));
}

void PanelMarks::drawSpan(QCPPainter* painter, const Span& span, std::vector<QRectF>& taken) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (geometry.distance) {
        painter->setPen(QPen(m_scene.theme.ink, 1));
        drawEdge(painter, span.tokens.begin);
        drawEdge(painter, span.tokens.end);
        return;
    }
    const double areaLeft = geometry.map.left(), areaRight = areaLeft + geometry.map.width();
    double left = geometry.x(span.tokens.begin), right = geometry.x(span.tokens.end);
    if (right - left < 3) {
        const double middle = (left + right) / 2;
        left = middle - 1.5;
        right = middle + 1.5;
    }
    left = std::max(left, areaLeft);
    right = std::min(right, areaRight);
    if (right - left < 1)
        return;
    const QColor& ink = m_scene.theme.ink;
    const double top = geometry.map.top() - 4.0, below = geometry.rug().bottom();
    painter->fillRect(QRectF(left, top, right - left, 1.5), ink);
    painter->fillRect(QRectF(left, top, 1, 5), ink);
    painter->fillRect(QRectF(right - 1, top, 1, 5), ink);
    painter->fillRect(QRectF(left, below, right - left, 1.5), ink);
    painter->fillRect(QRectF(left, below - 5, 1, 5), ink);
    painter->fillRect(QRectF(right - 1, below - 5, 1, 5), ink);
    if (span.name.isEmpty())
        return;
    painter->setFont(uiFont(11));
    const QFontMetricsF metrics(painter->font());
    const double width = std::min({metrics.horizontalAdvance(span.name) + 1, 120.0, geometry.map.width() - 8.0});
    const double x = std::clamp(right + 4, areaLeft + 2, areaRight - width - 2);
    QRectF box(x, geometry.map.top() + 1.0, width, metrics.height());
    for (std::size_t tries = 0; tries <= taken.size(); ++tries) // below what is in the way, and what is there in the way
        for (const QRectF& other : taken)
            if (box.intersects(other))
                box.moveTop(other.bottom() + 1);
    if (box.bottom() > areaBottom(geometry))
        return; // the brackets alone
    taken.push_back(box);
    painter->fillRect(box.adjusted(-2, 0, 2, 0), veil(m_scene.theme, 0.88));
    painter->setPen(ink);
    drawElided(painter, box, Qt::AlignLeft | Qt::AlignVCenter, span.name);
}

} // namespace winnow::views
