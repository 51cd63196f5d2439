// SPDX-License-Identifier: GPL-3.0-or-later
// What stands around the panels of the wavelet figures on paper: titles above them and keys of colors at their right. GUI thread.
#pragma once

#include "views/plot/plot_style.h"

#include <array>
#include <optional>
#include <vector>

namespace winnow::views {

QRgb rampColor(const std::array<QRgb, 127>& ramp, double share);
/// Above a panel, beside its letter: a swatch, and the first of the titles that fits.
void addTitle(QCPAxisRect* rect, const QStringList& titles, std::optional<QRgb> swatch, const PlotStyle& style);

/// What a page of packets has in common: the largest magnitude, and how many powers of ten are told apart.
struct PacketScale {
    double most = 0, decades = 1;
};

/// Keys, at the right of the rectangle: what the colors of addScalogram mean, of power and of squared coherence; of addPackets;
/// of a difference, orange to blue from `low` to `high`; of the tables of ratios, slopes and what was lost.
void addPowerKey(QCPAxisRect* rect, double most, const PlotStyle& style);
void addCoherenceKey(QCPAxisRect* rect, const PlotStyle& style);
void addMagnitudeKey(QCPAxisRect* rect, const PacketScale& scale, const PlotStyle& style);
void addDifferenceKey(QCPAxisRect* rect, const QString& name, const QString& low, const QString& high, const PlotStyle& style);
void addRatioKey(QCPAxisRect* rect, const PlotStyle& style);
void addSlopeKey(QCPAxisRect* rect, const PlotStyle& style);
void addLostKey(QCPAxisRect* rect, const PlotStyle& style);
/// Factors by which columns have panels of the same width, whatever their left and right margins are: {left + right} of each
/// column, in pixels; `width` of the page in inches. With `shares` the widths of the panels are as these.
QList<double> evenColumns(const std::vector<double>& margins, double width, const std::vector<double>& shares = {});

/// Inches of width from which panels that need room stand side by side.
inline constexpr double kWidePage = 5;
inline constexpr double kKeyRoom = 62; ///< right margin that a key needs, below a top margin of 22

} // namespace winnow::views
