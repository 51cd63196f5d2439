// SPDX-License-Identifier: GPL-3.0-or-later
// Panels of the wavelet figures on paper, one axis rectangle each: tables of levels and octaves, scalograms, packets, bands. What
// they draw outlives the plot. GUI thread.
#pragma once

#include "core/analysis/wavelet/packet_bands.h"
#include "core/analysis/wavelet/scale_matrix.h"
#include "views/paper/page.h"
#include "views/paper/panel_keys.h"
#include "views/wavelet/band_stack.h"

#include <vector>

namespace winnow::views {

inline constexpr double kPerRow = 0.22; ///< height of a row of a table, in inches

/// A number as a cell may write it, widest first: "−0.05", "−.05", "−.1"; without a plus where not `plus`.
QStringList numberWords(double value, bool plus);
/// The names of the levels: "1", "2", …, "rest".
QString levelName(int level, int levels);

/// Cells of a table with their words; what has no color is masked and hatched.
struct Cells {
    int rows = 0, columns = 0;
    std::vector<std::optional<QRgb>> colors;
    std::vector<QStringList> words; ///< each cell's alternatives, widest first; all cells take the first that fits everywhere
};
void drawTable(QCPPainter* painter, const QCPAxisRect* rect, const Cells& cells, const PlotStyle& style);
/// Rows of levels, columns of octaves; ticks at the octaves' edges.
void setTableAxes(QCPAxisRect* rect, const ScaleMatrix& matrix, const PlotStyle& style);
/// What a policy lost, in orange.
Cells lostCells(const ScaleMatrix& matrix, const std::vector<double>& lost, const Theme& theme);

/// Power by the choice ramp, its root up to that of `most`; what noise does not explain outlined, beyond the cone hatched.
void addScalogram(QCPAxisRect* rect, const TokenScalogram& scalogram, double most, const PlotStyle& style);
/// Two scalograms of the same scales as a difference.
void addScalogramDifference(QCPAxisRect* rect, const std::array<TokenScalogram, 2>& both, const PlotStyle& style);
PacketScale packetScale(const std::vector<const PacketBands*>& pictures, int hide);
void addPackets(QCPAxisRect* rect, const PacketBands& packets, const PacketScale& scale, int hide, const PlotStyle& style);
/// Two pictures of the same packet nodes as a difference.
void addPacketDifference(QCPAxisRect* rect, const std::array<PacketBands, 2>& both, int hide, const PlotStyle& style);

/// Bands above one another, drawn as in the window.
void addBands(QCPAxisRect* rect, const WaveletPicture& picture, const MagnitudeScale& scale, int hide, const PlotStyle& style);
void addBandDifference(QCPAxisRect* rect, const WaveletPicture& first, const WaveletPicture& second, int hide,
                       const PlotStyle& style);
/// Energies of both, a bar each per level, in the colors of a difference; what the colors mean stands in the row of the signal,
/// by `names`.
void addEnergyBars(QCPAxisRect* rect, const WaveletPicture& first, const WaveletPicture& second,
                   const std::pair<QString, QString>& names, const PlotStyle& style);

} // namespace winnow::views
