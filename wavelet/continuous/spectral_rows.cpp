// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/spectral_rows.h"

#include "wavelet/continuous/continuous.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace winnow::wavelet {

using std::numbers::pi;

namespace {

/// Of finite numbers, without the care that the standard's product takes of others.
Complex product(Complex a, Complex b)
{
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

} // namespace

double filterFactor(const ContinuousWavelet& wavelet, Normalization normalization, double scale, double step)
{
    if (normalization == Normalization::L2)
        return std::sqrt(2.0 * pi * scale / step);
    return (wavelet.isReal() ? 1.0 : 2.0) / wavelet.gain(wavelet.peak());
}

std::size_t paddedLength(std::size_t length, const ContinuousWavelet& wavelet, Padding padding, double largestScale, double step)
{
    if (padding == Padding::None)
        return length;
    if (padding == Padding::PowerOfTwo)
        return std::bit_ceil(length);
    // Gaussian envelopes end after some six e-folding times; the others only fade, and no padding holds them whole.
    constexpr double kReach = 6.5;
    const bool fades =
        wavelet.mother() == Mother::Paul || wavelet.mother() == Mother::Shannon || wavelet.mother() == Mother::BSpline;
    const double reach = fades ? INFINITY : std::ceil(kReach * wavelet.eFoldingTime() * largestScale / step);
    const double most = static_cast<double>(length);
    return quickLength(length + static_cast<std::size_t>(std::min(reach, most)));
}

SpectralRows::Work::Work(const SpectralRows& rows)
    : m_spectrum(rows.m_padded), m_complex(rows.m_wavelet.isReal() ? 0 : rows.m_padded),
      m_real(allocateNumbers(rows.m_wavelet.isReal() ? rows.m_padded : 0)), m_gains(allocateNumbers(rows.m_padded / 2 + 1))
{
}

SpectralRows::SpectralRows(std::span<const double> signal, const ContinuousWavelet& wavelet, std::size_t padded, double step)
    : m_wavelet(wavelet), m_length(signal.size()), m_padded(padded), m_omega(2.0 * pi / (static_cast<double>(padded) * step)),
      m_spectrum(padded / 2 + 1),
      m_inverse(FourierPlan::get(wavelet.isReal() ? FourierPlan::Kind::RealInverse : FourierPlan::Kind::Inverse, padded))
{
    const Numbers extended = allocateNumbers(padded);
    std::fill(std::ranges::copy(signal, extended.get()).out, extended.get() + padded, 0.0);
    FourierPlan::get(FourierPlan::Kind::RealForward, padded)->run(extended.get(), m_spectrum.data());
}

Complex* SpectralRows::fill(double scale, double factor, bool derivative, Work& work) const
{
    Complex* out = work.m_spectrum.data();
    const Complex* in = m_spectrum.data();
    const double perBin = scale * m_omega, scaled = factor / static_cast<double>(m_padded);
    const Complex turn = std::conj(m_wavelet.phase()) * (derivative ? Complex(0.0, m_omega) : Complex(1.0));
    const auto bins = static_cast<std::ptrdiff_t>(m_padded);
    const auto binOf = [&](double u) { return static_cast<std::ptrdiff_t>(std::clamp(u / perBin, -1.0 * bins, 1.0 * bins)); };
    // one(bin, filter) for consecutive bins, whose gains are made together.
    const auto multiply = [&](std::ptrdiff_t first, std::ptrdiff_t last, auto one) {
        const std::span<double> gains(work.m_gains.get(),
                                      static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, last - first + 1)));
        m_wavelet.gains(perBin * static_cast<double>(first), perBin, scaled, gains);
        for (std::ptrdiff_t bin = first; bin <= last; ++bin) {
            const double gain = gains[static_cast<std::size_t>(bin - first)];
            one(bin, derivative ? turn * (gain * static_cast<double>(bin)) : turn * gain);
        }
    };
    const std::ptrdiff_t filled = m_wavelet.isReal() ? bins / 2 + 1 : bins;
    // As in discrete Fourier transforms elsewhere the bin in the middle counts as a negative frequency.
    const std::ptrdiff_t lowest = std::max<std::ptrdiff_t>(0, binOf(m_wavelet.lowest()));
    const std::ptrdiff_t highest = std::min((bins - 1) / 2, binOf(m_wavelet.highest()));
    std::fill_n(out, std::min(lowest, filled), Complex());
    std::fill(out + std::clamp<std::ptrdiff_t>(highest + 1, 0, filled), out + filled, Complex());
    multiply(lowest, highest, [&](std::ptrdiff_t bin, Complex filter) { out[bin] = product(in[bin], filter); });
    if (m_wavelet.isReal()) {
        if (bins % 2 == 0)
            multiply(-bins / 2, -bins / 2, [&](std::ptrdiff_t bin, Complex filter) { out[-bin] = product(in[-bin], filter); });
    } else if (m_wavelet.lowest() < 0.0) {
        multiply(std::max(-bins / 2, binOf(m_wavelet.lowest())), -1,
                 [&](std::ptrdiff_t bin, Complex filter) { out[bins + bin] = product(std::conj(in[-bin]), filter); });
    }
    return out;
}

void SpectralRows::row(double scale, double factor, bool derivative, Work& work, Complex* out) const
{
    Complex* spectrum = fill(scale, factor, derivative, work);
    if (m_wavelet.isReal()) {
        m_inverse->run(spectrum, work.m_real.get());
        std::copy_n(work.m_real.get(), m_length, out);
    } else {
        m_inverse->run(spectrum, work.m_complex.data());
        std::copy_n(work.m_complex.data(), m_length, out);
    }
}

} // namespace winnow::wavelet
