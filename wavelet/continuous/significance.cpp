// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/significance.h"

#include "wavelet/contract.h"
#include "wavelet/names.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace winnow::wavelet {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

double degreesOfFreedom(const ContinuousWavelet& wavelet) { return wavelet.isReal() ? 1.0 : 2.0; }

/// The regularized lower incomplete gamma function P(a, x), and its complement: whichever is smaller is exact to rounding.
struct Gamma {
    double lower, upper;
};

Gamma incompleteGamma(double a, double x)
{
    if (x <= 0.0)
        return {0.0, 1.0};
    const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
    if (x < a + 1.0) { // the series
        double term = 1.0 / a, sum = term;
        for (double n = a + 1.0; term > sum * kEpsilon / 4.0; n += 1.0)
            sum += term *= x / n;
        return {front * sum, 1.0 - front * sum};
    }
    // The continued fraction of Lentz.
    constexpr double kTiny = 1e-300;
    double b = x + 1.0 - a, c = 1.0 / kTiny, d = 1.0 / b, fraction = d;
    for (int i = 1; i < 10'000; ++i) {
        const double numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
        c = b + numerator / c;
        c = std::abs(c) < kTiny ? kTiny : c;
        fraction *= d * c;
        if (std::abs(d * c - 1.0) < kEpsilon)
            break;
    }
    return {1.0 - front * fraction, front * fraction};
}

Checked<DecorrelationFactors> factorsOf(const ContinuousWavelet& wavelet)
{
    if (const auto factors = wavelet.decorrelation())
        return *factors;
    return tl::unexpected(sentence("Torrence and Compo give no decorrelation factors for ", wavelet.name(),
                                   "; choose morlet6, paul4, dog2 or dog6"));
}

} // namespace

Checked<NoiseModel> redNoiseOf(std::span<const double> signal)
{
    if (auto problem = signalProblem(signal))
        return tl::unexpected(*std::move(problem));
    const auto n = static_cast<double>(signal.size());
    double mean = 0.0, c0 = 0.0, c1 = 0.0;
    for (const double sample : signal)
        mean += sample / n;
    for (std::size_t i = 0; i < signal.size(); ++i) {
        c0 += (signal[i] - mean) * (signal[i] - mean) / n;
        if (i + 1 < signal.size())
            c1 += (signal[i] - mean) * (signal[i + 1] - mean) / (n - 1.0);
    }
    // Allen and Smith's condition on the unbiased estimate, a quadratic equation after A. Grinsted.
    const double a = c0 * n * n, b = -c1 * n - c0 * n * n - 2.0 * c0 + 2.0 * c1 - c1 * n * n + c0 * n, c = n * (c0 + c1 * n - c1);
    const double d = b * b - 4.0 * a * c;
    if (!(a > 0.0) || !(d > 0.0))
        return tl::unexpected(
            sentence("the autocorrelation of these ", signal.size(),
                     " samples cannot be told from 1: they are too few, constant or a trend; test against white noise"));
    return NoiseModel{.variance = c0, .lagOne = (-b - std::sqrt(d)) / (2.0 * a)};
}

double noisePower(const NoiseModel& noise, double period, double step)
{
    const double r = noise.lagOne;
    return noise.variance * (1.0 - r * r) / (1.0 + r * r - 2.0 * r * std::cos(2.0 * std::numbers::pi * step / period));
}

double chiSquareQuantile(double p, double freedom)
{
    WINNOW_WAVELET_CHECK(p > 0.0 && p < 1.0 && freedom > 0.0, "a probability between 0 and 1");
    const double a = freedom / 2.0, q = 1.0 - p;
    const auto above = [&](double x) { // monotonic in x, and exact in whichever tail is thin
        const Gamma gamma = incompleteGamma(a, x);
        return p < 0.5 ? gamma.lower > p : gamma.upper < q;
    };
    double low = 0.0, high = std::max(a, 1.0);
    while (!above(high))
        high *= 2.0;
    for (int halving = 0; halving < 200 && high - low > kEpsilon * high; ++halving) {
        const double middle = low > 0.0 && high > 4.0 * low ? std::sqrt(low * high) : 0.5 * (low + high);
        (above(middle) ? high : low) = middle;
    }
    return low + high; // twice the quantile of the gamma distribution
}

std::vector<double> significantPower(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                     const NoiseModel& noise, double level, double signals)
{
    const double freedom = degreesOfFreedom(wavelet) * signals, factor = chiSquareQuantile(level, freedom) / freedom;
    std::vector<double> powers;
    for (const double scale : scales)
        powers.push_back(factor * noisePower(noise, scale * wavelet.periodOfScale(), step));
    return powers;
}

Checked<std::vector<double>> significantTimeMean(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                                 const NoiseModel& noise, double samples, double level, double signals)
{
    const Checked<DecorrelationFactors> factors = factorsOf(wavelet);
    if (!factors)
        return tl::unexpected(factors.error());
    std::vector<double> powers;
    for (const double scale : scales) {
        const double widths = std::max(samples, 1.0) * step / (factors->time * scale);
        const double freedom = degreesOfFreedom(wavelet) * signals * std::sqrt(1.0 + widths * widths);
        powers.push_back(noisePower(noise, scale * wavelet.periodOfScale(), step) * chiSquareQuantile(level, freedom) / freedom);
    }
    return powers;
}

Checked<double> significantScaleMean(std::span<const double> scales, const ContinuousWavelet& wavelet, double step,
                                     const NoiseModel& noise, double smallest, double largest, double level)
{
    const Checked<DecorrelationFactors> factors = factorsOf(wavelet);
    if (!factors)
        return tl::unexpected(factors.error());
    double inverse = 0.0, power = 0.0, count = 0.0;
    for (const double scale : scales) {
        if (scale < smallest || scale > largest)
            continue;
        count += 1.0;
        inverse += 1.0 / scale;
        power += noisePower(noise, scale * wavelet.periodOfScale(), step) / scale;
    }
    if (count == 0.0 || scales.size() < 2)
        return tl::unexpected(sentence("no scale lies between ", smallest, " and ", largest));
    const double octave = std::log2(scales[1] / scales[0]), mean = 1.0 / inverse; // S_avg
    const double middle = std::sqrt(smallest * largest), octaves = count * octave / factors->scale;
    const double freedom = degreesOfFreedom(wavelet) * count * mean / middle * std::sqrt(1.0 + octaves * octaves);
    return octave * step / (wavelet.reconstructionFactor() * mean) * (mean * power) * chiSquareQuantile(level, freedom) / freedom;
}

} // namespace winnow::wavelet
