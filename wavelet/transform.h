// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/boundary.h"
#include "wavelet/wavelet.h"

#include <cstddef>
#include <span>
#include <vector>

/// The discrete wavelet transform of one signal. Numbers, lengths and signs agree with PyWavelets (dwt, idwt, wavedec, waverec).
/// Signals have at least one sample; a signal may be shorter than the filter. All functions are pure and safe from any thread.
/// Many signals at once: multiresolution.h.
namespace winnow::wavelet {

/// How many coefficients one level makes of `length` samples: ceil(length / 2) for Periodization,
/// floor((length + filterLength - 1) / 2) for every other boundary.
std::size_t coefficientCount(std::size_t length, std::size_t filterLength, Boundary boundary);

/// The deepest level at which some coefficient does not feel the boundary: floor(log2(length / (filterLength - 1))), at least 0.
/// Deeper levels are computed all the same.
int maxLevel(std::size_t length, std::size_t filterLength);

/// The signal with `margin` samples more at both ends, as the boundary goes on; Periodization as Periodic.
std::vector<double> extended(std::span<const double> signal, std::size_t margin, Boundary boundary);

/// How many numbers at the beginning and at the end of a row depend on what is assumed beyond the ends of the signal (they "feel"
/// the boundary). None is counted twice.
struct Edges {
    std::size_t first = 0, last = 0;
    friend bool operator==(const Edges&, const Edges&) = default;
};

/// Of the coefficients of every band: [levels + 1], details, finest first; then the approximation.
std::vector<Edges> edgeCoefficients(std::size_t length, std::size_t filterLength, Boundary boundary, int levels);

/// Of the positions of every band that is reconstructed alone, in the same order. The others do not depend on the boundary.
std::vector<Edges> edgePositions(std::size_t length, std::size_t filterLength, Boundary boundary, int levels);

struct Split {
    std::vector<double> approximation, detail; // of the same length, see coefficientCount
};

Split dwt(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary);

/// The inverse of one level, two times the coefficients (minus filterLength - 2 unless Periodization) long: one sample longer
/// than the signal was if that was odd. Both spans have the same length.
std::vector<double> idwt(std::span<const double> approximation, std::span<const double> detail, const Wavelet& wavelet,
                         Boundary boundary);

struct Decomposition {
    std::size_t length = 0;                 // of the signal
    std::vector<std::vector<double>> bands; // [levels + 1]: details, finest first; then the approximation

    std::size_t levels() const { return bands.size() - 1; }
};

/// `levels` from 0 (the signal itself as approximation).
Decomposition wavedec(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels);

/// The signal again, of its own length.
std::vector<double> waverec(const Decomposition& decomposition, const Wavelet& wavelet, Boundary boundary);

} // namespace winnow::wavelet
