// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/input.h"
#include "wavelet/numbers.h"

#include <cstddef>
#include <span>
#include <vector>

/// Transforms without decimation: every band has as many coefficients as the signal has samples, and a signal that is shifted
/// circularly has its coefficients shifted along. Signals are periodic. Bands in the order of the room: details, finest first,
/// and last the approximation. Batches are spread over threads, the numbers do not depend on how many. A level of one signal
/// costs 2 x taps x length multiply-adds. All functions are safe from any thread and may throw std::bad_alloc.
namespace winnow::wavelet {

/// The coefficients, or the bands, of `count` signals.
struct StationaryBands {
    std::size_t length = 0, count = 0;
    int levels = 0;
    Numbers values; // [levels + 1, count, length]

    /// [count, length]
    std::span<const double> band(std::size_t index) const { return {values.get() + index * count * length, count * length}; }
    std::span<double> band(std::size_t index) { return {values.get() + index * count * length, count * length}; }
    std::span<const double> band(std::size_t index, std::size_t signal) const
    {
        return band(index).subspan(signal * length, length);
    }
};

struct StationaryOptions {
    int levels = 5;         // from 0
    bool normalize = false; // only swt and iswt: filters divided by sqrt(2), so that an orthogonal wavelet keeps the energy
    int threads = 0;        // 0: as many as the machine has; 1: only the caller's
};

/// The stationary transform as PyWavelets defines it (swt, trim_approx; `normalize` is its norm). `signals` is [count, length]
/// with count >= 1. Refused are samples that are not finite and a length that 2^levels does not divide.
Checked<StationaryBands> swt(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                             const StationaryOptions& options = {});

/// The signals [count, length] again; wavelet and `normalize` as they were transformed. Coefficients that no signal has give the
/// mean over the inverses of all decimated transforms within (for orthogonal wavelets the nearest signal), as in PyWavelets.
Numbers iswt(const StationaryBands& coefficients, const Wavelet& wavelet, const StationaryOptions& options = {});

/// The maximal-overlap transform (D. Percival, A. Walden, Wavelet Methods for Time Series Analysis, Cambridge 2000, chapter 5)
/// of any length: W[j][t] = sum over l of h[l] / sqrt(2) V[j-1][(t - 2^(j-1) l) mod length], with the room's decomposition
/// filters as h and g. Energies of an orthogonal wavelet add up to the signal's. Refused are samples that are not finite, and
/// more levels than give the filter a step below 2^40.
Checked<StationaryBands> modwt(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                               const StationaryOptions& options = {});
Numbers imodwt(const StationaryBands& coefficients, const Wavelet& wavelet, const StationaryOptions& options = {});

/// Every band of the maximal-overlap transform brought back alone: details and smooth, which add up to the signal and stay in
/// place with it (zero phase). For lengths that 2^levels divides the same as pywt.mra(transform="swt"). Costs about levels / 2
/// times the transform.
Checked<StationaryBands> modwtMultiresolution(std::span<const double> signals, std::size_t length, const Wavelet& wavelet,
                                              const StationaryOptions& options = {});

} // namespace winnow::wavelet
