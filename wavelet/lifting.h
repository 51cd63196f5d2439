// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/transform.h"

#include <cstddef>
#include <span>
#include <vector>

/// The discrete transform in lifting steps (W. Sweldens, SIAM J. Math. Anal. 29, 1998): predict every odd sample from its even
/// neighbors, update the even ones with what is left. About half the work of the filters, and undone step by step, so that
/// nothing but rounding is lost. A signal of n >= 1 samples has ceil(n / 2) approximation and floor(n / 2) detail coefficients.
/// All functions are pure and safe from any thread.
namespace winnow::wavelet {

enum class Lifting {
    Haar,     // the numbers of dwt(haar, Symmetric), whose detail of a last odd sample, always zero, is left out
    LeGall53, // 5/3, the wavelet of lossless JPEG 2000 (D. Le Gall, A. Tabatabai, ICASSP 1988), mirrored at the edges: the
              // numbers k >= 1 of dwt(bior2.2, Reflect)
};

Split lift(std::span<const double> signal, Lifting wavelet);

/// The signal again. The approximation has as many coefficients as the detail, or one more.
std::vector<double> unlift(std::span<const double> approximation, std::span<const double> detail, Lifting wavelet);

/// Details, finest first, then the approximation.
Decomposition liftLevels(std::span<const double> signal, Lifting wavelet, int levels);
std::vector<double> unliftLevels(const Decomposition& decomposition, Lifting wavelet);

} // namespace winnow::wavelet
