// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/continuous/continuous.h"

#include <span>
#include <vector>

/// The significance of a wavelet spectrum against noise: C. Torrence, G. Compo, Bull. Amer. Meteor. Soc. 79, 1998, sections 4 and
/// 5. Spectra are |W|^2 of the L2 normalization. All functions are pure and safe from any thread.
namespace winnow::wavelet {

/// The noise that is tested against: variance and lag-1 autocorrelation, 0 for white noise, else red.
struct NoiseModel {
    double variance = 1.0;
    double lagOne = 0.0; // -1 < lagOne < 1
};

/// Variance, and the lag-1 autocorrelation without its bias (M. Allen, L. Smith, J. Climate 9, 1996; as pycwt's ar1). Refused are
/// signals that are not finite, and those too short or with too strong a trend for an autocorrelation below 1.
Checked<NoiseModel> redNoiseOf(std::span<const double> signal);

/// The mean power of the noise at a period, of which white noise has its variance everywhere (equation 16).
double noisePower(const NoiseModel& noise, double period, double step);

/// The value below which a chi-square variable of `freedom` > 0 degrees is with probability 0 < p < 1, to 1e-12 relatively.
double chiSquareQuantile(double p, double freedom);

/// The power that noise exceeds with probability 1 - level, at each scale, [scales] (equation 18). 0 < level < 1. Of the mean
/// power of several signals it is lower: `signals` says of how many independent ones, from 1, not necessarily whole.
std::vector<double> significantPower(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                     const NoiseModel& noise, double level = 0.95, double signals = 1.0);

/// The same for the mean of the power over `samples` samples in time (equation 23). Refused are wavelets without decorrelation
/// factors.
Checked<std::vector<double>> significantTimeMean(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                                 const NoiseModel& noise, double samples, double level = 0.95,
                                                 double signals = 1.0);

/// The same for the mean of the power over the scales from `smallest` to `largest` (equations 24 to 28), which for a row of
/// powers P is dj dt / C_delta sum of P[j] / s[j]. `scales` are a ladder. Refused are wavelets without decorrelation factors, and
/// a range without a scale.
Checked<double> significantScaleMean(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                     const NoiseModel& noise, double smallest, double largest, double level = 0.95);

} // namespace winnow::wavelet
