// SPDX-License-Identifier: GPL-3.0-or-later
// A scalogram as pixels: power over tokens (across) and period (down, short on top, by octaves). Values and an image; no widget.
#pragma once

#include "views/wavelet/band_stack.h"

#include <QImage>

namespace winnow::views {

/// Periods down the rectangle on a log2 axis, tokens across.
struct ScalogramGeometry {
    QRectF area;
    double tokenBegin = 0, tokenEnd = 1;
    double shortest = 2, longest = 64; ///< tokens per cycle at the upper and lower edge

    double y(double period) const;
    double period(double y) const;
    StackGeometry across() const { return {area, tokenBegin, tokenEnd, 1}; }
};
/// All scales fill the area; the edges lie half a step beyond the shortest and the longest period.
ScalogramGeometry scalogramGeometry(const TokenScalogram& scalogram, const QRectF& area, double tokenBegin, double tokenEnd);

inline constexpr double kPowerRange = 1e4; ///< largest power over the least that a log scale tells apart
/// How power becomes a color: by its square root, so that the eye compares amplitudes.
enum class PowerScale { Log, Linear, Own };

/// One pixel per device pixel of the area: the largest power that it covers, by the choice ramp; beyond the cone of influence
/// mixed with the ground; within it a contour in ink around what noise does not explain. Cost: scales × visible positions.
QImage scalogramImage(const TokenScalogram& scalogram, const ScalogramGeometry& geometry, PowerScale scale, double most,
                      const Theme& theme, double pixelRatio);
/// log2(a / b) from −3 to 3, orange to blue, aligned at the newest position; cells with less than a thousandth of the largest
/// power stay blank.
QImage scalogramDifference(const TokenScalogram& a, const TokenScalogram& b, const ScalogramGeometry& geometry,
                           const Theme& theme, double pixelRatio);
double largestPower(const TokenScalogram& scalogram);

/// The hatch of plot_style.h inside a shape whose last point is joined to its first. It cuts the lines themselves: in an SVG a
/// clip is a rectangle.
void drawHatchIn(QCPPainter* painter, const QPolygonF& shape, const PlotStyle& style);
/// Draw the edge of the cone of influence with a hatch beyond it, and the ridges.
void drawCone(QCPPainter* painter, const TokenScalogram& scalogram, const ScalogramGeometry& geometry, const PlotStyle& style);
void drawRidges(QCPPainter* painter, const TokenScalogram& scalogram, const ScalogramGeometry& geometry, const PlotStyle& style);

/// The scale whose period is nearest, −1 if the scalogram is empty.
int scaleOfPeriod(const TokenScalogram& scalogram, double period);

} // namespace winnow::views
