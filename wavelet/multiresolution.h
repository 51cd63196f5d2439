// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/boundary.h"
#include "wavelet/numbers.h"
#include "wavelet/wavelet.h"

#include <cstddef>
#include <span>
#include <vector>

/// Decompositions of many signals at once: several signals share a vector register, and blocks of them are spread over threads.
/// Bands are always in this order: details, finest first, and last the approximation. The numbers do not depend on the number of
/// threads. The bands of one signal cost about taps x (levels + 2) x length multiply-adds. Every function is safe from any thread
/// and may throw std::bad_alloc.
namespace winnow::wavelet {

/// How the signals of a batch lie in memory.
enum class Layout {
    SignalMajor, // [count, length]: the samples of one signal are neighbors
    SampleMajor, // [length, count]: the signals are the columns, as channels are
};

/// A borrowed batch of signals of one length. Matrices of Eigen are batches by batchOf() of eigen_views.h, without a copy.
struct SignalBatch {
    const double* data = nullptr;
    std::size_t length = 0; // samples of each signal, at least 1
    std::size_t count = 0;  // signals, at least 1
    Layout layout = Layout::SampleMajor;
    std::size_t stride = 0; // numbers from one row to the next (of length or count numbers); 0: the rows are packed
};

/// The signals one after the other, [count, length] packed, as stationary.h and continuous/continuous.h take them.
Numbers signalMajor(const SignalBatch& signals);

struct BatchOptions {
    Boundary boundary = Boundary::Symmetric;
    int levels = 5;  // from 0; more than maxLevel() is computed all the same
    int threads = 0; // 0: as many as the machine has; 1: only the caller's
};

/// Every band reconstructed alone, all others zero, at the length of the signal. The bands of a signal add up to it.
struct MultiresolutionBands {
    std::size_t length = 0, count = 0;
    int levels = 0;
    Layout layout = Layout::SampleMajor;
    Numbers values;               // [levels + 1, length, count] or [levels + 1, count, length], as the batch lay, packed
    std::vector<double> energies; // [levels + 1] sum of the squared coefficients of the band, over all signals

    std::span<const double> band(std::size_t index) const { return {values.get() + index * length * count, length * count}; }
};

MultiresolutionBands multiresolution(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options = {});

/// The same for `channels` columns of a packed array [length, channels].
MultiresolutionBands bands(const double* data, std::size_t length, std::size_t channels, const Wavelet& wavelet,
                           Boundary boundary, int levels);

/// Means of the bands over all signals, as figures need them; the bands themselves are not stored.
struct BandProfile {
    std::size_t length = 0;
    int levels = 0;
    std::vector<double> magnitude;           // [levels + 1, length] mean over the signals of |band|
    std::vector<double> power;               // [levels + 1, length] mean over the signals of the band's square
    std::vector<double> coefficientEnergies; // [levels + 1] sum of the squared coefficients of the band, over all signals
    // [levels + 1] The products of signal and band, summed over positions and signals. They add up to the energy of the signals
    // under every wavelet (dmey: to 0.2 %) and boundary. Where energies are those of the coefficients (orthogonal wavelets under
    // Periodization, a length that 2^levels divides), these are the same. A band may have a negative one near an end.
    std::vector<double> energies;
    std::vector<double> edgeEnergies; // [levels + 1] the part of `energies` at the positions of edgePositions()

    std::span<const double> band(std::size_t index) const { return {magnitude.data() + index * length, length}; }
};

BandProfile bandProfile(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options = {});

/// The coefficients themselves.
struct BatchDecomposition {
    std::size_t length = 0, count = 0;
    Layout layout = Layout::SampleMajor;
    std::vector<std::size_t> coefficients; // [levels + 1] per signal
    std::vector<std::size_t> offsets;      // [levels + 2] where the band begins in values
    Numbers values;                        // band by band, each [coefficients, count] or [count, coefficients], as the batch lay

    std::span<const double> band(std::size_t index) const
    {
        return {values.get() + offsets[index], offsets[index + 1] - offsets[index]};
    }
};

BatchDecomposition decompose(const SignalBatch& signals, const Wavelet& wavelet, const BatchOptions& options = {});

/// The signals again, packed, in the layout of the decomposition; wavelet and boundary as it was decomposed, `levels` is not
/// read.
Numbers recompose(const BatchDecomposition& decomposition, const Wavelet& wavelet, const BatchOptions& options = {});

} // namespace winnow::wavelet
