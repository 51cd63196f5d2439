// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/continuous/continuous.h"

#include <cstddef>
#include <vector>

/// Ridges, the lines along which a transform is largest, and the synchrosqueezed transform. Functions are safe from any thread
/// and may throw std::bad_alloc.
namespace winnow::wavelet {

/// A crest of |W| over the scales, followed through time.
struct Ridge {
    std::size_t begin = 0;         // its first sample
    std::vector<double> scales;    // [samples] between the scales of the transform, by a parabola through three of them
    std::vector<double> magnitude; // [samples] |W| there
};

struct RidgeOptions {
    double threshold = 0.1;   // of the largest |W|; what is lower is no crest
    std::size_t shortest = 2; // samples; shorter ridges are left out
    std::size_t jump = 1;     // a ridge moves at most that many scales from one sample to the next
};

/// The longest first; of equals the earlier, then the one of smaller scale. Scales ascend. A maximum at the first or last scale
/// is no crest, so that fewer than three scales have none.
std::vector<Ridge> ridges(const Scalogram& scalogram, const RidgeOptions& options = {});

struct SqueezeOptions {
    double step = 1.0;       // between samples
    double threshold = 1e-6; // of the largest |W|: what is lower has no frequency and is left out
    Padding padding = Padding::Full;
    int threads = 0;
};

/// The transform with its values moved from where they are to the frequency that their phase turns with (I. Daubechies, J. Lu,
/// H.-T. Wu, Appl. Comp. Harm. Anal. 30, 2011).
struct SqueezedTransform {
    std::size_t length = 0;
    std::vector<double> frequencies; // [bins] cycles per unit of time, descending, those of the scales
    ComplexNumbers values;           // [bins, length]; the real part of their sum over all bins is the signal

    std::span<const Complex> row(std::size_t bin) const { return values.all().subspan(bin * length, length); }
};

/// `scales` ascend, at least two. Refused are real wavelets, which have no phase, and what cwt refuses. Costs two transforms.
Checked<SqueezedTransform> synchrosqueeze(std::span<const double> signal, const ContinuousWavelet& wavelet,
                                          std::span<const double> scales, const SqueezeOptions& options = {});

/// The part of the signal in the bins from `first` to `last` - 1: their sum.
std::vector<double> componentOf(const SqueezedTransform& squeezed, std::size_t first, std::size_t last);

} // namespace winnow::wavelet
