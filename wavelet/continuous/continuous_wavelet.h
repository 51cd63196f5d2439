// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/input.h"
#include "wavelet/numbers.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace winnow::wavelet {

enum class Mother { Morlet, ComplexMorlet, Paul, DerivativeOfGaussian, Shannon, BSpline };

/// What C. Torrence and G. Compo found by experiment (Bull. Amer. Meteor. Soc. 79, 1998, table 2).
struct DecorrelationFactors {
    double time = 0.0;  // gamma: widths of the wavelet after which time averages are independent
    double scale = 0.0; // delta j0, in octaves
};

/// A wavelet of the continuous transform, of unit energy: the integral of |psi|^2 is 1. Its Fourier transform is meant as
///
///     spectrum(u) = 1 / sqrt(2 pi) times the integral of psi(t) exp(-i u t) dt        (unit energy as well)
///
/// and is phase() * gain(u) with a real gain. A value; every function is pure, costs nothing worth mentioning, and is safe from
/// any thread. Names, with their defaults:
///
///     morlet6           exp(i w0 t - t^2 / 2), w0 = 6. Torrence and Compo; like pycwt without their Heaviside step, and without
///     the
///                       correction that makes its mean vanish, which matters below w0 = 5 only
///     cmor1.5-1.0       complex Morlet exp(-t^2 / B + 2 pi i C t), B = 1.5, C = 1. PyWavelets divides it by sqrt(pi B) instead
///     paul4             order m >= 1. Of Torrence and Compo's psi the factor i^m is left out, which their spectrum has not
///     either dog2, mexh        derivative of the Gaussian exp(-t^2 / 2) of order m >= 1, with the sign that Torrence and Compo's
///     spectrum
///                       has; mexh is dog2. PyWavelets' gausM at scale s is dogM at s / sqrt(2), for it derives exp(-t^2)
///     shan1.5-1.0       Shannon sqrt(B) sinc(B t) exp(2 pi i C t)
///     fbsp2-1.0-1.5     frequency B-spline: sinc(B t / m)^m exp(2 pi i C t) of order m, scaled to unit energy (PyWavelets: times
///                       sqrt(B))
class ContinuousWavelet {
public:
    static ContinuousWavelet morlet(double omega0 = 6.0);
    static ContinuousWavelet complexMorlet(double bandwidth = 1.5, double center = 1.0);
    static ContinuousWavelet paul(int order = 4);
    static ContinuousWavelet derivativeOfGaussian(int order = 2);
    static ContinuousWavelet mexicanHat() { return derivativeOfGaussian(2); }
    static ContinuousWavelet shannon(double bandwidth = 1.5, double center = 1.0);
    static ContinuousWavelet bSpline(int order = 2, double bandwidth = 1.0, double center = 1.5);

    Mother mother() const { return m_mother; }
    std::string name() const;
    std::string_view source() const;

    /// A real wavelet has gain(-u) = ± gain(u); the others have (almost) none below u = 0.
    bool isReal() const { return m_mother == Mother::DerivativeOfGaussian; }
    /// Whether inverse() exists: not for odd derivatives of a Gaussian, which are zero at their middle.
    bool isInvertible() const { return !isReal() || m_order % 2 == 0; }

    Complex psi(double t) const;
    double gain(double u) const;
    /// gains[k] = factor * gain(first + k * step), to rounding; quicker than one by one.
    void gains(double first, double step, double factor, std::span<double> gains) const;
    Complex phase() const;
    Complex spectrum(double u) const { return phase() * gain(u); }

    /// Where the gain is largest, and its interval beyond which it is below 1e-18 of that (for real wavelets: of |u|).
    double peak() const { return m_peak; }
    double lowest() const { return m_lowest; }
    double highest() const { return m_highest; }

    /// Fourier period over scale: where |transform|^2 of a pure tone is largest over the scales (Morlet, Paul, derivatives; L2
    /// normalization), or 1 / C for the wavelets with a center C.
    double periodOfScale() const;
    /// Scales after which the effect of an edge has fallen by e (in power by e^2); for Shannon and B-splines, which have no such
    /// law, where their envelope has.
    double eFoldingTime() const;
    /// The integral of gain(u) / u over u > 0, for inverse transforms. Torrence and Compo's C_delta is
    /// sqrt(pi / 2) / ln 2 (real: twice that) times this over psi(0). Morlet's is cut at peak() / 16.
    double admissibility() const { return m_admissibility; }
    double reconstructionFactor() const; // C_delta

    /// Nothing but for morlet6, paul4, dog2 and dog6.
    std::optional<DecorrelationFactors> decorrelation() const;

private:
    ContinuousWavelet(Mother mother, int order, double bandwidth, double center);

    Mother m_mother;
    int m_order;
    double m_bandwidth, m_center; // Morlet: center is w0
    double m_norm = 1.0;          // of gain()
    double m_psiNorm = 1.0;       // of psi()
    double m_peak = 0.0, m_lowest = 0.0, m_highest = 0.0, m_admissibility = 0.0;
};

/// The wavelet of that name, in upper or lower case, with its numbers or without: "morlet", "Morlet5.5", "mexh", "paul",
/// "cmor1-0.5"; or a sentence with the nearest name or the numbers that are possible.
Checked<ContinuousWavelet> requireContinuousWavelet(std::string_view name);

/// The names above, with their defaults, for a list to choose from.
std::span<const std::string_view> continuousWaveletNames();

} // namespace winnow::wavelet
