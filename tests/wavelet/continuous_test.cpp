// SPDX-License-Identifier: GPL-3.0-or-later
// The continuous transform against pycwt and PyWavelets (tests/fixtures/wavelet/make_continuous.py), closed forms and its own
// laws.
#include "continuous_fixture.h"
#include "seeded_numbers.h"
#include "wavelet/continuous/continuous.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace winnow::wavelet {
namespace {

using std::numbers::pi;
using testing::DoubleNear;
using testing::Pointwise;

TEST(ContinuousTransform, isThatOfPycwt)
{
    const nlohmann::json facts = fixture();
    const double step = facts.at("step"), perOctave = facts.at("perOctave");
    for (const auto& one : facts.at("transforms")) {
        const ContinuousWavelet wavelet = named(one.at("wavelet").get<std::string>());
        const std::size_t length = one.at("length");
        const std::string where = wavelet.name() + ", length " + std::to_string(length);
        const std::vector<double> scales = usualScales(length, wavelet, step, perOctave);
        // The spectrum of Paul overflows in pycwt at large scales, which it then leaves out.
        const auto theirs = one.at("scales").get<std::vector<double>>();
        ASSERT_TRUE(theirs.size() == scales.size() || (wavelet.mother() == Mother::Paul && theirs.size() < scales.size()));
        EXPECT_THAT(std::span(scales).first(theirs.size()), Pointwise(DoubleNear(1e-10), theirs)) << where;
        const std::vector<double> signal = numbers(length, length), real = numbers(1000, length),
                                  imaginary = numbers(1001, length);
        const Scalogram result = cwt(signal, wavelet, scales, {.step = step, .padding = Padding::PowerOfTwo}).value();
        for (std::size_t j = 0; j < theirs.size(); ++j) {
            EXPECT_NEAR(result.frequency(j), one.at("frequencies").at(j), 1e-10);
            double realSum = 0.0, imaginarySum = 0.0;
            for (std::size_t n = 0; n < length; ++n) {
                realSum += result.row(j)[n].real() * real[n];
                imaginarySum += result.row(j)[n].imag() * imaginary[n];
            }
            EXPECT_NEAR(realSum, one.at("real").at(j), 1e-10) << where << ", scale " << j;
            // An odd derivative of a Gaussian is real; where the middle bin of the spectrum is heard, pycwt gives it an imaginary
            // part.
            if (!wavelet.isReal()) {
                EXPECT_NEAR(imaginarySum, one.at("imaginary").at(j), 1e-10) << where << ", scale " << j;
            }
        }
        EXPECT_THAT(coneOfInfluence(length, wavelet, step),
                    Pointwise(DoubleNear(1e-10), one.at("cone").get<std::vector<double>>()));
        if (one.contains("inverse")) {
            std::vector<double> back = icwt(result).value();
            for (double& sample : back)
                sample *= wavelet.reconstructionFactor() / one.at("factor").get<double>();
            EXPECT_THAT(back, Pointwise(DoubleNear(1e-10), one.at("inverse").get<std::vector<double>>())) << where;
            EXPECT_NEAR(wavelet.reconstructionFactor() / one.at("factor").get<double>(), 1.0, 0.025) << where;
        }
    }
}

/// PyWavelets integrates a sampled and cut off wavelet, which is right to some hundredths, and at these scales answers for half a
/// sample earlier. Its
/// wavelets are normalized in other ways: morl is the real part of Morlet with w0 = 5, complex Morlet is divided by sqrt(pi B), a
/// B-spline only multiplied by the root of B; its gaus derives exp(-t^2), which is another scale.
TEST(ContinuousTransform, isNearToThatOfPyWavelets)
{
    std::vector<double> signal(160);
    for (std::size_t i = 0; i < signal.size(); ++i) {
        const double n = static_cast<double>(i) - 0.5;
        signal[i] = std::sin(2 * pi * n / 12.5) + 0.5 * std::cos(2 * pi * n / 40) + std::exp(-std::pow((n - 80) / 6.0, 2));
    }
    const nlohmann::json facts = fixture();
    for (const auto& one : facts.at("pywavelets")) {
        const std::string name = one.at("wavelet");
        const bool derivative = name.starts_with("gaus");
        const ContinuousWavelet wavelet = named(name == "morl" ? "morlet5" : derivative ? "dog" + name.substr(4) : name);
        auto scales = one.at("scales").get<std::vector<double>>();
        if (derivative)
            std::ranges::transform(scales, scales.begin(), [](double scale) { return scale / std::numbers::sqrt2; });
        const Scalogram result = cwt(signal, wavelet, scales).value();
        // psi of PyWavelets over psi of unit energy, both near the middle.
        const double b = name.starts_with("cmor1.5") ? 1.5 : 3.0;
        double factor = 1.0;
        if (name == "morl")
            factor = std::pow(pi, 0.25);
        else if (name.starts_with("cmor"))
            factor = std::pow(pi * b / 2.0, 0.25) / std::sqrt(pi * b);
        else if (name.starts_with("fbsp"))
            factor = (name.starts_with("fbsp2") ? 1.0 : std::sqrt(0.8)) / wavelet.psi(0.0).real();
        else if (derivative)
            factor = -1.0;
        const bool slow = name.starts_with("shan") || name.starts_with("fbsp"); // cut off where they are far from zero
        double largest = 0.0, worst = 0.0;
        for (std::size_t j = 0; j < scales.size(); ++j) {
            for (std::size_t n = 20; n < 140; ++n) {
                const Complex mine = result.row(j)[n] * factor;
                const Complex theirs(one.at("real").at(j).at(n),
                                     name == "morl" ? mine.imag() : one.at("imaginary").at(j).at(n).get<double>());
                largest = std::max(largest, std::abs(theirs));
                worst = std::max(worst, std::abs(mine - theirs));
            }
        }
        EXPECT_LT(worst / largest, slow ? 0.05 : 0.02) << name;
    }
}

/// A step of height one between two samples, seen with a derivative of a Gaussian of order m: sqrt(s / dt) He_(m-1)(a) exp(-a^2 /
/// 2) / sqrt(Gamma(m + 1/2)) but for the sign, a the distance over the scale.
TEST(ContinuousTransform, ofAStepIsTheLowerDerivative)
{
    const double step = 0.5, scale = 10.0;
    std::vector<double> signal(400, 0.0);
    std::fill(signal.begin() + 200, signal.end(), 1.0);
    const Scalogram first = cwt(signal, named("dog1"), std::vector{scale}, {.step = step}).value();
    const Scalogram second = cwt(signal, named("dog2"), std::vector{scale}, {.step = step}).value();
    for (std::size_t n = 130; n < 270; ++n) {
        const double a = (199.5 - static_cast<double>(n)) * step / scale, bell = std::exp(-a * a / 2.0) * std::sqrt(scale / step);
        // The trapezoid rule errs by (dt / s)^2 / 24 of the slope.
        EXPECT_NEAR(first.row(0)[n].real(), bell / std::sqrt(std::tgamma(1.5)), 1e-3);
        EXPECT_NEAR(second.row(0)[n].real(), -a * bell / std::sqrt(std::tgamma(2.5)), 1e-3);
        EXPECT_EQ(first.row(0)[n].imag(), 0.0);
    }
}

TEST(ContinuousTransform, ofAnImpulseIsTheWavelet)
{
    std::vector<double> signal(256, 0.0);
    signal[128] = 1.0;
    const double scale = 8.0;
    for (const char* name : {"morlet6", "mexh", "paul4"}) {
        const Scalogram result = cwt(signal, named(name), std::vector{scale}).value();
        for (std::size_t n = 60; n < 200; ++n) {
            const Complex right = std::conj(named(name).psi((128.0 - static_cast<double>(n)) / scale)) / std::sqrt(scale);
            EXPECT_LT(std::abs(result.row(0)[n] - right), name[0] == 'p' ? 2e-5 : 1e-9) << name << n;
        }
    }
}

TEST(ContinuousTransform, doesNotWrapAroundWhenPaddedInFull)
{
    std::vector<double> signal(200, 0.0);
    signal[199] = 1.0; // what reaches the first samples came round
    const std::vector<double> scales{4.0, 9.0};
    const Scalogram padded = cwt(signal, named("morlet6"), scales).value();
    const Scalogram around = cwt(signal, named("morlet6"), scales, {.padding = Padding::None}).value();
    EXPECT_LT(std::abs(padded.row(1)[0]), 1e-12);
    EXPECT_GT(std::abs(around.row(1)[0]), 0.1);
}

TEST(ContinuousTransform, givesTheSameNumbersWithAnyNumberOfThreadsAndInBatches)
{
    const std::size_t length = 3000;
    const std::vector<double> signals = numbers(5, 3 * length), scales = scaleLadder(2.0, 8.0, 40);
    const auto batch = cwtBatch(signals, length, named("morlet6"), scales).value();
    for (const int threads : {1, 2, 5}) {
        for (std::size_t signal = 0; signal < 3; ++signal) {
            const Scalogram one =
                cwt(std::span(signals).subspan(signal * length, length), named("morlet6"), scales, {.threads = threads}).value();
            EXPECT_TRUE(std::ranges::equal(one.values.all(), batch[signal].values.all()));
        }
    }
}

TEST(ContinuousTransform, staysFiniteWhereAPowerOverflowsBesideAVanishingExponential)
{
    for (const char* name : {"dog40", "dog39", "paul40"}) {
        EXPECT_EQ(named(name).gain(1e300), 0.0);
        const Scalogram result = cwt(numbers(1, 8), named(name), std::vector{1e9, 1e14}, {.padding = Padding::None}).value();
        for (const Complex value : result.values.all())
            EXPECT_EQ(value, 0.0) << name;
    }
}

TEST(ContinuousTransform, takesAMillionSamples)
{
    const std::vector<double> signal = tone(std::size_t{1} << 20, 50.0), scales = scaleLadder(40.0, 4.0, 3);
    const Scalogram result = cwt(signal, named("morlet6"), scales, {.normalization = Normalization::L1}).value();
    const double u = 2 * pi * scales[1] / 50.0;
    EXPECT_NEAR(std::abs(result.row(1)[500'000]), std::exp(-0.5 * (u - 6.0) * (u - 6.0)), 1e-9);
}

} // namespace
} // namespace winnow::wavelet
