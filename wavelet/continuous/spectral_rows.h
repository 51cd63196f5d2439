// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/continuous/continuous_wavelet.h"
#include "wavelet/continuous/fourier.h"

#include <memory>
#include <span>

/// Rows of a continuous transform, one scale at a time. Private to the folder.
namespace winnow::wavelet {

enum class Normalization;
enum class Padding;

/// The factor of the filter of one scale, so that the filter is factor * gain(scale * omega).
double filterFactor(const ContinuousWavelet& wavelet, Normalization normalization, double scale, double step);

/// The length that a signal is padded to with zeros.
std::size_t paddedLength(std::size_t length, const ContinuousWavelet& wavelet, Padding padding, double largestScale, double step);

/// The spectrum of one signal, and what turns it into rows. Once made it does not change: rows may be made on several threads.
class SpectralRows {
public:
    /// The memory that one thread needs.
    class Work {
    public:
        explicit Work(const SpectralRows& rows);

    private:
        friend class SpectralRows;
        ComplexNumbers m_spectrum, m_complex;
        Numbers m_real, m_gains;
    };

    SpectralRows(std::span<const double> signal, const ContinuousWavelet& wavelet, std::size_t padded, double step);

    /// out[length] of the scale. With `derivative` the transform's derivative in time.
    void row(double scale, double factor, bool derivative, Work& work, Complex* out) const;

private:
    Complex* fill(double scale, double factor, bool derivative, Work& work) const;

    ContinuousWavelet m_wavelet;
    std::size_t m_length, m_padded;
    double m_omega;            // angular frequency of bin 1
    ComplexNumbers m_spectrum; // [padded / 2 + 1]
    std::shared_ptr<const FourierPlan> m_inverse;
};

} // namespace winnow::wavelet
