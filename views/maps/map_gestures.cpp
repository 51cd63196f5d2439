// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/map_gestures.h"

#include "views/maps/map_plot.h"

#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kClick = 4; ///< a shorter drag is a click; also how near the brush's edge must be

// Where the rows are lanes the steps stay as they are; on the axis of distances the tokens do.

double tokensAcross(const MapGeometry& geometry, double pixels) { return geometry.distance ? 0 : pixels / geometry.tokenWidth(); }
double stepsAlong(const MapGeometry& geometry, double pixels)
{
    return geometry.rowsAreLanes() ? 0 : pixels / geometry.stepHeight();
}

Zoom zoomBetween(const MapGeometry& geometry, const QPointF& from, const QPointF& to)
{
    Zoom zoom = geometry.zoom;
    if (!geometry.distance) {
        zoom.tokenBegin = geometry.token(from.x());
        zoom.tokenEnd = geometry.token(to.x());
    }
    if (!geometry.rowsAreLanes()) {
        zoom.stepBegin = geometry.stepAt(from.y());
        zoom.stepEnd = geometry.stepAt(to.y());
    }
    return zoom;
}
} // namespace

void MapGestures::zoomAround(const MapGeometry& geometry, const QPointF& point, double tokenFactor, double stepFactor)
{
    Selection& selection = *m_plot.selection();
    const double token = geometry.distance ? geometry.zoom.tokenBegin : geometry.token(point.x());
    selection.setZoom(zoomedAt(selection.state().zoom, m_plot.tokenCount(), token, geometry.stepAt(point.y()),
                               geometry.distance ? 1 : tokenFactor, geometry.rowsAreLanes() ? 1 : stepFactor));
}

int MapGestures::tokenAt(const QPointF& point) const
{
    const MapGeometry& geometry = m_plot.panel(m_panel).geometry;
    const QRectF gutter = geometry.gutter();
    double token = geometry.tokenAt(point);
    if (geometry.sinks > 0 && point.x() < gutter.right() && m_drag != Drag::Brush && m_drag != Drag::Edge)
        token = (point.x() - gutter.left()) / MapGeometry::kSinkWidth;
    return std::clamp(static_cast<int>(std::floor(token)), 0, m_plot.tokenCount() - 1);
}

int MapGestures::stepAt(const QPointF& point) const
{
    const double step = m_plot.panel(m_panel).geometry.stepAt(point.y());
    return std::clamp(static_cast<int>(std::floor(step)), 0, m_plot.tokenCount() - 1);
}

bool MapGestures::onBrushEdge(const QPointF& point, bool* atBegin) const
{
    const auto& range = m_plot.selection()->state().tokenRange;
    const int panel = m_plot.panelAt(point);
    if (!range || panel < 0)
        return false;
    const MapGeometry& geometry = m_plot.panel(panel).geometry;
    if (!geometry.area().contains(point))
        return false;
    const double step = std::floor(geometry.stepAt(point.y()));
    const double begin = geometry.xAt(range->begin, step), end = geometry.xAt(range->end, step);
    const double toBegin = std::abs(point.x() - begin), toEnd = std::abs(point.x() - end);
    if (atBegin)
        *atBegin = toBegin <= toEnd && !(toBegin == toEnd && point.x() > end);
    return std::min(toBegin, toEnd) <= kClick;
}

void MapGestures::drop()
{
    m_drag = Drag::None;
    m_panel = -1;
    m_plot.setRubberBand({});
    m_plot.unsetCursor();
}

void MapGestures::press(const QMouseEvent& event)
{
    m_panel = m_plot.panelAt(event.position());
    m_pressed = m_last = event.position();
    m_zoomAtPress = m_plot.zoom();
    m_drag = Drag::None;
    if (m_panel < 0)
        return;
    if (event.button() == Qt::MiddleButton) {
        m_drag = Drag::Pan;
        return;
    }
    if (event.button() != Qt::LeftButton)
        return;
    bool atBegin = false;
    if (event.modifiers() & Qt::ShiftModifier) {
        m_drag = Drag::Zoom;
    } else if (onBrushEdge(event.position(), &atBegin)) {
        const Range range = *m_plot.selection()->state().tokenRange;
        m_drag = Drag::Edge;
        m_anchor = atBegin ? range.end - 1 : range.begin;
    } else {
        m_drag = Drag::Undecided;
        m_anchor = tokenAt(event.position());
    }
}

void MapGestures::brush(const QPointF& point)
{
    const int token = tokenAt(point);
    m_plot.selection()->setTokenRange(Range{std::min(m_anchor, token), std::max(m_anchor, token) + 1});
}

void MapGestures::move(const QMouseEvent& event)
{
    const QPointF point = event.position();
    if (m_panel < 0 || m_panel >= m_plot.panelCount())
        m_drag = Drag::None; // the panel went away under the pointer
    const bool far = (point - m_pressed).manhattanLength() >= kClick;
    if (m_drag == Drag::Undecided && far)
        m_drag = Drag::Brush;
    switch (m_drag) {
    case Drag::None:
    case Drag::Undecided:
        hover(point, event.globalPosition().toPoint());
        break;
    case Drag::Brush:
        brush(point);
        break;
    case Drag::Edge:
        if (far)
            brush(point);
        break;
    case Drag::Zoom: {
        const MapGeometry& geometry = m_plot.panel(m_panel).geometry;
        m_plot.setRubberBand(zoomBetween(geometry, m_pressed, point));
        break;
    }
    case Drag::Pan: {
        const MapGeometry& geometry = m_plot.panel(m_panel).geometry;
        m_plot.selection()->setZoom(panned(m_plot.selection()->state().zoom.isEmpty() ? Zoom{} : m_zoomAtPress,
                                           m_plot.tokenCount(), tokensAcross(geometry, m_pressed.x() - point.x()),
                                           stepsAlong(geometry, m_pressed.y() - point.y())));
        break;
    }
    }
    m_last = point;
}

void MapGestures::release(const QMouseEvent& event)
{
    const Drag drag = m_drag;
    m_drag = Drag::None;
    if (m_panel < 0 || m_panel >= m_plot.panelCount())
        return;
    Selection& selection = *m_plot.selection();
    const MapPanel& panel = m_plot.panel(m_panel);
    const bool far = (event.position() - m_pressed).manhattanLength() >= kClick;
    if (drag == Drag::Zoom) {
        m_plot.setRubberBand({});
        if (far) {
            const Zoom wanted = zoomBetween(panel.geometry, m_pressed, event.position());
            selection.setZoom(zoomTo(m_plot.tokenCount(), wanted.tokenBegin, wanted.tokenEnd, wanted.stepBegin, wanted.stepEnd));
        }
    } else if (drag == Drag::Undecided || (drag == Drag::Edge && !far)) {
        const int policy = panel.policy;
        const QRectF pictured = panel.geometry.area().united(panel.geometry.gutter());
        if (pictured.contains(event.position())) {
            selection.setToken(tokenAt(event.position()));
            selection.setStep(stepAt(event.position()));
        }
        selection.setFocus(policy); // last: a maximized grid shows another panel then
    }
}

void MapGestures::doubleClick(const QMouseEvent& event)
{
    m_drag = Drag::None;
    if (event.button() == Qt::LeftButton && m_plot.panelAt(event.position()) >= 0)
        m_plot.selection()->setZoom({});
}

void MapGestures::hover(const QPointF& point, const QPoint& global)
{
    const int under = m_plot.panelAt(point);
    if (under < 0) {
        leave();
        return;
    }
    m_panel = m_drag == Drag::None ? under : m_panel;
    const MapGeometry& geometry = m_plot.panel(under).geometry;
    m_plot.setCursor(onBrushEdge(point, nullptr) ? Qt::SplitHCursor : Qt::CrossCursor);
    if (geometry.area().united(geometry.gutter()).contains(point))
        m_plot.selection()->setHover(tokenAt(point), stepAt(point), global);
    else
        leave();
}

void MapGestures::leave()
{
    m_plot.selection()->setHover({}, {});
    m_plot.unsetCursor();
}

void MapGestures::wheel(QWheelEvent& event)
{
    const int under = m_plot.panelAt(event.position());
    if (under < 0) {
        event.ignore();
        return;
    }
    const MapGeometry& geometry = m_plot.panel(under).geometry;
    const QPointF point = event.position();
    Selection& selection = *m_plot.selection();
    if (event.phase() != Qt::NoScrollPhase && !event.pixelDelta().isNull()) { // two fingers
        selection.setZoom(panned(selection.state().zoom, m_plot.tokenCount(), tokensAcross(geometry, -event.pixelDelta().x()),
                                 stepsAlong(geometry, -event.pixelDelta().y())));
        return;
    }
    const double turned = event.angleDelta().y() != 0 ? event.angleDelta().y() : event.angleDelta().x();
    const double factor = std::pow(1.25, turned / 120.0);
    const bool overSteps = point.x() < geometry.map.left(), overTokens = point.y() >= geometry.map.top() + geometry.map.height();
    zoomAround(geometry, point, overSteps ? 1 : factor, overTokens ? 1 : factor);
}

void MapGestures::pinch(const QNativeGestureEvent& event)
{
    const int under = m_plot.panelAt(event.position());
    if (event.gestureType() != Qt::ZoomNativeGesture || under < 0)
        return;
    const MapGeometry& geometry = m_plot.panel(under).geometry;
    const double factor = 1 + event.value();
    zoomAround(geometry, event.position(), factor, factor);
}

} // namespace winnow::views
