// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/retention_plottable.h"

#include "views/maps/map_panel.h"

#include <algorithm>

namespace winnow::views {

bool PlaneRequest::sameAs(const PlaneRequest& other) const
{
    return policy == other.policy && lanes.lanes == other.lanes.lanes && lanes.windows == other.lanes.windows &&
           zoom == other.zoom && columns == other.columns && rows == other.rows && sinks == other.sinks &&
           meanSteps == other.meanSteps;
}

Result<std::shared_ptr<const PanelPlanes>> computePlanes(const PlaneRequest& request, const JobContext& job)
{
    const PolicyReplay& policy = *request.policy;
    const Zoom& zoom = request.zoom;
    const double last = std::max(0, policy.stepsDone - 1);
    auto planes = std::make_shared<PanelPlanes>();
    planes->policy = request.policy;
    planes->lanes = request.lanes;
    const auto plane = [&](double tokenBegin, double tokenEnd, double stepBegin, double stepEnd, int columns, int rows) {
        return retentionPlane(policy, request.lanes, {tokenBegin, tokenEnd, stepBegin, stepEnd, columns, rows}, job);
    };
    planes->map = plane(zoom.tokenBegin, zoom.tokenEnd, zoom.stepBegin, zoom.stepEnd, request.columns, request.rows);
    planes->rug = plane(zoom.tokenBegin, zoom.tokenEnd, last, last + 1, request.columns, 1);
    planes->gutter = plane(0, request.sinks, zoom.stepBegin, zoom.stepEnd, request.sinks, request.rows);
    planes->gutterRug = plane(0, request.sinks, last, last + 1, request.sinks, 1);
    WINNOW_TRY_VOID(job.check("drawing the map"));
    addShares(planes->map, planes->shown);
    planes->mass = meanMetric(policy, Metric::Mass, request.lanes.lanes, request.meanSteps);
    return planes;
}

RetentionPlottable::RetentionPlottable(QCPAxis* x, QCPAxis* y, const MapScene& scene, const MapPanel& panel)
    : QCPAbstractPlottable(x, y), m_scene(scene), m_panel(panel)
{
}

void RetentionPlottable::render(const ColorTable& table)
{
    m_map = m_gutter = m_rug = m_gutterRug = QImage();
    if (!m_panel.planes)
        return;
    m_map = renderPlane(m_panel.planes->map, table, m_scene.theme);
    m_gutter = renderPlane(m_panel.planes->gutter, table, m_scene.theme);
    m_rug = renderPlane(m_panel.planes->rug, table, m_scene.theme);
    m_gutterRug = renderPlane(m_panel.planes->gutterRug, table, m_scene.theme);
}

QCPRange RetentionPlottable::getKeyRange(bool& found, QCP::SignDomain) const
{
    found = m_scene.tokens > 0;
    return {0, static_cast<double>(m_scene.tokens)};
}

QCPRange RetentionPlottable::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const
{
    return getKeyRange(found, QCP::sdBoth);
}

QRect RetentionPlottable::clipRect() const { return m_panel.geometry.outer; }

void RetentionPlottable::draw(QCPPainter* painter)
{
    const MapGeometry& geometry = m_panel.geometry;
    painter->setAntialiasing(false);
    painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter->fillRect(geometry.area(), m_scene.theme.page);
    if (!m_map.isNull()) {
        const RetentionRaster& raster = m_panel.planes->map.raster;
        const QRectF target(QPointF(geometry.x(raster.tokenBegin), geometry.y(raster.stepBegin)),
                            QPointF(geometry.x(raster.tokenEnd), geometry.y(raster.stepEnd)));
        const auto vertically = [&](const QRectF& rect) {
            return QRectF(rect.left(), target.top(), rect.width(), target.height());
        };
        painter->save();
        painter->setClipRect(geometry.area().united(geometry.gutter()), Qt::IntersectClip);
        painter->drawImage(vertically(geometry.gutter()), m_gutter); // the gap is outside of both
        painter->setClipRect(geometry.area(), Qt::IntersectClip);
        painter->drawImage(target, m_map); // while a new plane is computed, the old one stands where its tokens and steps are now
        painter->restore();
        QRectF rug = geometry.rug();
        painter->save();
        painter->setClipRect(rug, Qt::IntersectClip);
        painter->drawImage(QRectF(target.left(), rug.top(), target.width(), rug.height()), m_rug);
        painter->restore();
        const QRectF gutter = geometry.gutter();
        painter->drawImage(QRectF(gutter.left(), rug.top(), gutter.width(), rug.height()), m_gutterRug);
    }
    drawHatch(painter);
    drawDiagonal(painter);
    drawCaps(painter);
}

void RetentionPlottable::drawHatch(QCPPainter* painter) const
{
    if (!m_panel.planes || m_panel.planes->policy->stepsDone >= m_scene.tokens)
        return;
    const MapGeometry& geometry = m_panel.geometry;
    const double top = std::max<double>(geometry.map.top(), geometry.y(m_panel.planes->policy->stepsDone));
    QRectF missing = geometry.area().united(geometry.gutter());
    missing.setTop(top);
    if (missing.height() <= 0)
        return;
    painter->fillRect(missing, m_scene.theme.page);
    painter->setAntialiasing(true);
    painter->setPen(QPen(m_scene.theme.line, 1));
    constexpr double pitch = 7;
    for (double x = missing.left() - missing.height(); x < missing.right(); x += pitch)
        if (const auto line = clippedLine({x, missing.bottom(), x + missing.height(), missing.top()}, missing))
            painter->drawLine(*line);
    painter->setAntialiasing(false);
}

void RetentionPlottable::drawDiagonal(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    painter->setPen(QPen(m_scene.theme.line, 1));
    if (geometry.tokenWidth() < 3) {
        painter->setAntialiasing(true);
        if (const auto line = clippedLine({geometry.x(0), geometry.y(0), geometry.x(m_scene.tokens), geometry.y(m_scene.tokens)},
                                          geometry.area()))
            painter->drawLine(*line);
        painter->setAntialiasing(false);
        return;
    }
    const int first = std::max(0, static_cast<int>(std::max(geometry.zoom.tokenBegin, geometry.zoom.stepBegin - 1)));
    const int last = std::min(m_scene.tokens - 1, static_cast<int>(std::min(geometry.zoom.tokenEnd, geometry.zoom.stepEnd + 1)));
    for (int token = first; token <= last; ++token) { // stairs: over the token's first cell, then down its right side
        const QPointF corner(geometry.x(token + 1), geometry.y(token));
        for (const QLineF& line :
             {QLineF(QPointF(geometry.x(token), corner.y()), corner), QLineF(corner, QPointF(corner.x(), geometry.y(token + 1)))})
            if (const auto part = clippedLine(line, geometry.area()))
                painter->drawLine(*part);
    }
}

void RetentionPlottable::drawCaps(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (!m_panel.planes || m_panel.planes->lanes.lanes.size() != 1 || geometry.stepHeight() < 3)
        return;
    const PolicyReplay& policy = *m_panel.planes->policy;
    const std::int32_t* evict =
        policy.evictStep.data() + static_cast<std::size_t>(m_panel.planes->lanes.lanes.front()) * policy.tokens;
    painter->setPen(QPen(m_scene.theme.ink, 1));
    const int last = std::min(m_scene.tokens, static_cast<int>(std::ceil(geometry.zoom.tokenEnd)));
    for (int token = static_cast<int>(geometry.zoom.tokenBegin); token < last; ++token) {
        if (evict[token] <= token)
            continue; // never stored, or never gone
        const double y = geometry.y(evict[token]);
        if (const auto cap = clippedLine({geometry.x(token), y, std::max(geometry.x(token + 1) - 1, geometry.x(token) + 1), y},
                                         geometry.area()))
            painter->drawLine(*cap);
    }
}

} // namespace winnow::views
