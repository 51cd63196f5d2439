// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/continuous/continuous_wavelet.h"

#include <cstddef>
#include <span>
#include <vector>

/// The continuous wavelet transform after C. Torrence and G. Compo (Bull. Amer. Meteor. Soc. 79, 1998), by FFTW. Scales, periods
/// and the sampling step share one unit of time (tokens, seconds, …), frequencies are cycles per unit. Everything is safe from
/// any thread and may throw std::bad_alloc. One scale of n samples costs one complex transform of about 2 n.
namespace winnow::wavelet {

/// With x the signal, dt the sampling step, s the scale, and psi of unit energy:
enum class Normalization {
    /// W(s, b) = sqrt(dt / s) sum over n of x[n] conj psi((n - b) dt / s): the same energy at every scale. Torrence and Compo,
    /// pycwt, and (dt = 1, and its own psi) PyWavelets.
    L2,
    /// Every scale's filter has the same peak gain, so that a cosine of amplitude A shows with magnitude A wherever it is at a
    /// scale's center: L2 times 1 / sqrt(s) and a constant. As ssqueezepy's default.
    L1,
};

/// Beyond its ends the signal is zero.
enum class Padding {
    Full,       // as far as the wavelets reach, at most to twice the length: what leaves at one end does not come in at the other
    PowerOfTwo, // to the next power of two, which may be no padding at all. As pycwt
    None,       // the signal is periodic
};

struct CwtOptions {
    double step = 1.0; // between samples
    Normalization normalization = Normalization::L2;
    Padding padding = Padding::Full;
    int threads = 0; // 0: as many as the machine has; 1: only the caller's
};

/// A finished transform.
struct Scalogram {
    ContinuousWavelet wavelet;
    std::size_t length = 0; // samples
    double step = 1.0;
    Normalization normalization = Normalization::L2;
    std::vector<double> scales;
    ComplexNumbers values; // [scales, length]

    std::span<const Complex> row(std::size_t scale) const { return values.all().subspan(scale * length, length); }
    double period(std::size_t scale) const { return scales[scale] * wavelet.periodOfScale(); }
    double frequency(std::size_t scale) const { return 1.0 / period(scale); }
};

/// smallest 2^(j / perOctave) for j < count.
std::vector<double> scaleLadder(double smallest, double perOctave, std::size_t count);

/// The scales of Torrence and Compo: from a period of two samples to about the length of the signal, perOctave >= 1 scales in an
/// octave. At least one scale.
std::vector<double> usualScales(std::size_t length, const ContinuousWavelet& wavelet, double step, double perOctave = 12.0);

/// Refused are samples that are not finite, no scales, scales or steps that are not positive and finite.
Checked<Scalogram> cwt(std::span<const double> signal, const ContinuousWavelet& wavelet, std::span<const double> scales,
                       const CwtOptions& options = {});

/// `signals` is [count, length]: one scalogram each, the signals in parallel.
Checked<std::vector<Scalogram>> cwtBatch(std::span<const double> signals, std::size_t length, const ContinuousWavelet& wavelet,
                                         std::span<const double> scales, const CwtOptions& options = {});

/// The signal from its transform, as far as the scales hold it (equation 11, with C_delta of the wavelet itself); best over
/// scales in equal ratios. Refused are odd derivatives of a Gaussian, and fewer than two scales or such as do not ascend.
Checked<std::vector<double>> icwt(const Scalogram& scalogram);

/// [length] the longest period at each sample that an edge does not reach by more than 1 / e^2 in power: beyond it lies the cone
/// of influence.
std::vector<double> coneOfInfluence(std::size_t length, const ContinuousWavelet& wavelet, double step);

/// What icwt weighs a row with: the logarithmic width of each scale, [scales]. Scales ascend, at least two.
std::vector<double> logarithmicWidths(std::span<const double> scales);

} // namespace winnow::wavelet
