// SPDX-License-Identifier: GPL-3.0-or-later
// The axes around a wavelet picture: tokens below, distance from now above, rows or periods at the left, energies or the mean
// spectrum at the right, the legend in the last line. Drawing only.
#pragma once

#include "views/plot/plot_style.h"
#include "views/wavelet/wavelet_scene.h"

namespace winnow::views {

inline constexpr double kEnergyBar = 34;     ///< longest bar of a row's energy, in logical pixels
inline constexpr double kLabelledToken = 14; ///< tokens at least so wide have their text below

/// `scene` has a picture.
void drawWaveletAxes(QCPPainter* painter, const WaveletScene& scene, const PlotStyle& style);

} // namespace winnow::views
