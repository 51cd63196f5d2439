// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/retention_plottable.h"

#include "views/maps/map_panel.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kDotPitch = 6; ///< cells

/// Where nothing had to go yet the picture is quiet: the ground of what is evicted, with dots.
void quieten(QImage& image, const RetentionRaster& raster, const PanelPlanes& planes, const Theme& theme)
{
    const PlaneRequest& request = planes.request;
    const int chooses =
        request.reference ? std::min(request.policy->choosesFrom, request.reference->choosesFrom) : request.policy->choosesFrom;
    for (int row = 0; row < image.height(); ++row) {
        const int step = request.kind == MapRows::Lanes ? request.step : raster.endStep(row, planes.policy().tokens) - 1;
        if (step >= chooses)
            continue;
        auto* pixel = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < image.width(); ++column)
            if (pixel[column] != theme.page.rgb() && pixel[column] != theme.line.rgb())
                pixel[column] = row % kDotPitch == 0 && column % kDotPitch == 0 ? theme.rule[80] : theme.none;
    }
}

QImage imageOf(const MapPlane& plane, const PanelPlanes& planes, const ColorTable& shares, const DifferenceTable& difference,
               const Theme& theme)
{
    QImage image;
    if (const auto* two = std::get_if<DifferencePlane>(&plane); two && !two->cells.empty())
        image = renderPlane(*two, difference, theme);
    else if (const auto* one = std::get_if<RetentionPlane>(&plane); one && !one->bytes.empty())
        image = renderPlane(*one, shares, theme);
    quieten(image, rasterOf(plane), planes, theme);
    return image;
}

} // namespace

RetentionPlottable::RetentionPlottable(QCPAxis* x, QCPAxis* y, const MapScene& scene, const MapPanel& panel)
    : QCPAbstractPlottable(x, y), m_scene(scene), m_panel(panel)
{
}

void RetentionPlottable::render(const ColorTable& shares, const DifferenceTable& difference)
{
    m_map = m_gutter = m_rug = m_gutterRug = QImage();
    if (!m_panel.planes)
        return;
    const auto image = [&](const MapPlane& plane) { return imageOf(plane, *m_panel.planes, shares, difference, m_scene.theme); };
    m_map = image(m_panel.planes->map);
    m_gutter = image(m_panel.planes->gutter);
    m_rug = image(m_panel.planes->rug);
    m_gutterRug = image(m_panel.planes->gutterRug);
}

bool RetentionPlottable::isOfThisView() const
{
    const MapGeometry& geometry = m_panel.geometry;
    return m_panel.planes && m_panel.planes->request.kind == geometry.rows &&
           m_panel.planes->request.axis.has_value() == geometry.distance.has_value();
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
    if (!m_map.isNull() && isOfThisView()) {
        const RetentionRaster& raster = rasterOf(m_panel.planes->map);
        QRectF target = geometry.area(); // while a new plane is computed, the old one stands where its tokens and steps are now
        if (!geometry.rowsAreLanes()) {
            target.setTop(geometry.y(raster.stepBegin));
            target.setBottom(geometry.y(raster.stepEnd));
        }
        if (!geometry.distance) {
            target.setLeft(geometry.x(raster.tokenBegin));
            target.setRight(geometry.x(raster.tokenEnd));
        }
        const auto vertically = [&](const QRectF& rect) {
            return QRectF(rect.left(), target.top(), rect.width(), target.height());
        };
        painter->save();
        painter->setClipRect(geometry.area().united(geometry.gutter()), Qt::IntersectClip);
        if (geometry.sinks > 0)
            painter->drawImage(vertically(geometry.gutter()), m_gutter); // the gap is outside of both
        painter->setClipRect(geometry.area(), Qt::IntersectClip);
        painter->drawImage(target, m_map);
        painter->restore();
        if (!m_rug.isNull()) {
            const QRectF rug = geometry.rug(), gutter = geometry.gutter();
            painter->save();
            painter->setClipRect(rug, Qt::IntersectClip);
            painter->drawImage(QRectF(target.left(), rug.top(), target.width(), rug.height()), m_rug);
            painter->restore();
            painter->drawImage(QRectF(gutter.left(), rug.top(), gutter.width(), rug.height()), m_gutterRug);
        }
    }
    drawHatch(painter);
    drawDiagonal(painter);
    drawCaps(painter);
}

void RetentionPlottable::drawHatch(QCPPainter* painter) const
{
    if (!m_panel.planes || m_panel.planes->stepsDone() >= m_scene.tokens)
        return;
    const MapGeometry& geometry = m_panel.geometry;
    const int done = m_panel.planes->stepsDone();
    if (geometry.rowsAreLanes() && geometry.now < done)
        return;
    const double top = geometry.rowsAreLanes() ? geometry.map.top() : std::max<double>(geometry.map.top(), geometry.y(done));
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
    if (geometry.rowsAreLanes())
        return;              // one step: what is read ends at its line
    if (geometry.distance) { // where the first token stands
        painter->setAntialiasing(true);
        QPointF before(geometry.xAt(0, geometry.zoom.stepBegin), geometry.map.top());
        for (int row = 1; row <= geometry.map.height(); row += 2) {
            const double y = geometry.map.top() + double(row);
            const QPointF point(geometry.xAt(0, geometry.stepAt(y)), y);
            if (const auto line = clippedLine(QLineF(before, point), geometry.area()))
                painter->drawLine(*line);
            before = point;
        }
        painter->setAntialiasing(false);
        return;
    }
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
    if (!m_panel.planes || m_panel.planes->request.lanes.lanes.size() != 1 || geometry.stepHeight() < 3 ||
        geometry.rowsAreLanes() || geometry.distance || m_panel.planes->request.reference)
        return;
    const PolicyReplay& policy = m_panel.planes->policy();
    const std::int32_t* evict =
        policy.evictStep.data() + static_cast<std::size_t>(m_panel.planes->request.lanes.lanes.front()) * policy.tokens;
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
