// SPDX-License-Identifier: GPL-3.0-or-later
// The significance of a scalogram's power against noise. Only for core/analysis: it includes headers of the room `wavelet`.
#pragma once

#include "core/analysis/wavelet/scalogram.h"
#include "wavelet/continuous/continuous_wavelet.h"

namespace winnow {

/// Fills the thresholds of `scalogram`, whose power, cone and number of independent signals are there. `noise`: [scales] mean
/// power of the noise. Torrence and Compo, equations 18 and 23, with the degrees of freedom of a mean over signals.
void holdAgainstNoise(TokenScalogram& scalogram, const std::vector<double>& noise, const wavelet::ContinuousWavelet& wavelet);

/// The same from the powers of shuffled signals, [shuffles][scales, positions], at least two. A cell's threshold is the mean of
/// its shuffles times one factor per scale: the ratio of a shuffle to the mean of the others that `confidence` of the cells
/// inside the cone stay below. A global threshold has a chi-square's shape with the mean and variance of the shuffles' spectra.
void holdAgainstShuffles(TokenScalogram& scalogram, const std::vector<std::vector<double>>& shuffles);

} // namespace winnow
