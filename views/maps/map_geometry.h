// SPDX-License-Identifier: GPL-3.0-or-later
// Where tokens, steps and distances stand in a panel of the maps. Values only; no widget.
#pragma once

#include "core/analysis/distance_plane.h"
#include "views/state/selection.h"

#include <QPointF>
#include <QRect>

#include <cmath>
#include <optional>

namespace winnow::views {

/// Pixels of a panel. The raster covers `map` exactly; QCPAxis::coordToPixel is one pixel off for reversed y, so this is used.
struct MapGeometry {
    QRect outer, map;
    int sinks = 4; ///< tokens in the gutter; 0 on the axis of distances
    Zoom zoom;     ///< never empty
    MapRows rows = MapRows::Steps;
    std::optional<DistanceAxis> distance = {}; ///< the position axis; none = tokens
    int now = 0;                               ///< the step that all rows are about where they are lanes

    double x(double token) const
    {
        return map.left() + (token - zoom.tokenBegin) / (zoom.tokenEnd - zoom.tokenBegin) * map.width();
    }
    double y(double step) const { return map.top() + (step - zoom.stepBegin) / (zoom.stepEnd - zoom.stepBegin) * map.height(); }
    double token(double x) const { return zoom.tokenBegin + (x - map.left()) * (zoom.tokenEnd - zoom.tokenBegin) / map.width(); }
    double tokenWidth() const { return map.width() / (zoom.tokenEnd - zoom.tokenBegin); }
    double stepHeight() const { return map.height() / (zoom.stepEnd - zoom.stepBegin); }

    bool rowsAreLanes() const { return rows == MapRows::Lanes; }
    /// The step at a height: everywhere the same where the rows are lanes.
    double stepAt(double y) const
    {
        return rowsAreLanes() ? now : zoom.stepBegin + (y - map.top()) * (zoom.stepEnd - zoom.stepBegin) / map.height();
    }
    /// A token's left edge, as seen from a step: on the axis of distances the same token wanders to the left.
    double xAt(double token, double step) const
    {
        return distance ? map.left() + distance->at(step + 1 - token) * map.width() : x(token);
    }
    double tokenAt(const QPointF& point) const
    {
        if (!distance)
            return token(point.x());
        return std::floor(stepAt(point.y())) + 1 - distance->distanceAt((point.x() - map.left()) / map.width());
    }

    QRectF area() const { return QRectF(map); }
    QRectF gutter() const
    {
        return {map.left() - (sinks > 0 ? kGutterGap : 0) - double(kSinkWidth * sinks), double(map.top()),
                double(kSinkWidth * sinks), double(map.height())};
    }
    QRectF rug() const { return {double(map.left()), map.top() + map.height() + 2.0, double(map.width()), 4}; }

    static constexpr int kSinkWidth = 5, kGutterGap = 4;
    static constexpr int kSlotsWidth = 48, kSlotsGap = 8; ///< of the bars beside lane rows
};

} // namespace winnow::views
