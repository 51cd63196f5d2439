// SPDX-License-Identifier: GPL-3.0-or-later
// What the pointer does over the maps: hover, click, brush, drag an edge of the brush, zoom to a rectangle, pan, wheel.
#pragma once

#include "views/state/selection.h"

#include <QPoint>
#include <QPointF>

#include <optional>

class QMouseEvent;
class QNativeGestureEvent;
class QWheelEvent;

namespace winnow::views {

class MapPlot;
struct MapGeometry;

class MapGestures {
public:
    explicit MapGestures(MapPlot& plot) : m_plot(plot) {}

    void press(const QMouseEvent& event);
    void move(const QMouseEvent& event);
    void release(const QMouseEvent& event);
    void doubleClick(const QMouseEvent& event);
    void wheel(QWheelEvent& event);
    void pinch(const QNativeGestureEvent& event);
    void leave();
    void drop(); ///< ends a drag; nothing is changed

private:
    enum class Drag { None, Undecided, Brush, Edge, Zoom, Pan };
    /// Token and step under a point, by the panel where the drag began, inside the text.
    int tokenAt(const QPointF& point) const;
    int stepAt(const QPointF& point) const;
    bool onBrushEdge(const QPointF& point, bool* atBegin) const;
    void hover(const QPointF& point, const QPoint& global);
    void brush(const QPointF& point);
    void zoomAround(const MapGeometry& geometry, const QPointF& point, double tokenFactor, double stepFactor);

    MapPlot& m_plot;
    Drag m_drag = Drag::None;
    int m_panel = -1;
    QPointF m_pressed, m_last;
    int m_anchor = 0; ///< token that stays while a brush or an edge is dragged
    Zoom m_zoomAtPress;
};

} // namespace winnow::views
