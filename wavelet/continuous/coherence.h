// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/continuous/continuous.h"

#include <vector>

/// The cross-wavelet transform and the wavelet coherence of two signals. Functions are safe from any thread and may throw
/// std::bad_alloc.
namespace winnow::wavelet {

/// W1 conj(W2), [scales, length]: large where both have power, and its angle is how far the first is ahead of the second. Both
/// transforms have the same scales, length, wavelet and normalization (else a sentence says what differs).
Checked<ComplexNumbers> crossWavelet(const Scalogram& first, const Scalogram& second);

struct CoherenceOptions {
    Padding padding = Padding::PowerOfTwo; // of the smoothing in time, as pycwt
    double octaves = 0.0; // of the smoothing over scales; 0: the wavelet's decorrelation factor, or 0.6 without one
    int threads = 0;
};

struct Coherence {
    std::size_t length = 0;
    std::vector<double> scales;
    std::vector<double> squared; // [scales, length] from 0 to 1; 0 where one of the signals has no power
    std::vector<double> phase;   // [scales, length] angle of the cross-wavelet, in radians, positive where the first is ahead
};

/// |S(W1 conj(W2) / s)|^2 / (S(|W1|^2 / s) S(|W2|^2 / s)), where S smooths in time by a Gaussian as wide as the scale and over
/// scales by a box (C. Torrence, P. Webster, J. Climate 12, 1999; A. Grinsted et al., Nonlin. Proc. Geophys. 11, 2004; pycwt's
/// wct). Refused are scales that are no ladder of at least two.
Checked<Coherence> coherence(const Scalogram& first, const Scalogram& second, const CoherenceOptions& options = {});

} // namespace winnow::wavelet
