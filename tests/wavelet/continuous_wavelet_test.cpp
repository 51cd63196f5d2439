// SPDX-License-Identifier: GPL-3.0-or-later
// Laws that every continuous wavelet keeps, their names, and the constants of reconstruction.
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
using testing::HasSubstr;
using testing::Pointwise;

class EveryMother : public testing::TestWithParam<const char*> {
protected:
    const ContinuousWavelet m_wavelet = named(GetParam());
    bool fades() const { return m_wavelet.mother() == Mother::Shannon || m_wavelet.mother() == Mother::BSpline; }
};

INSTANTIATE_TEST_SUITE_P(Room, EveryMother,
                         testing::Values("morlet6", "morlet5.5", "morlet12", "cmor1.5-1", "cmor4-0.5", "paul1", "paul4", "paul7",
                                         "dog1", "mexh", "dog3", "dog6", "shan1.5-1", "fbsp2-1-1.5", "fbsp3-0.8-1"),
                         [](const auto& info) {
                             std::string name(info.param);
                             for (char& c : name)
                                 c = c == '.' || c == '-' ? '_' : c;
                             return name;
                         });

TEST_P(EveryMother, hasUnitEnergyInTimeAndInFrequency)
{
    double inTime = 0.0, inFrequency = 0.0;
    const double width = 1.0 / 64;
    for (double t = -400.0; t <= 400.0; t += width)
        inTime += std::norm(m_wavelet.psi(t)) * width;
    for (double u = -60.0; u <= 60.0; u += width)
        inFrequency += std::norm(m_wavelet.spectrum(u)) * width;
    EXPECT_NEAR(inTime, 1.0, m_wavelet.mother() == Mother::Shannon ? 1e-3 : 1e-6);      // what is beyond 400
    EXPECT_NEAR(inFrequency, 1.0, m_wavelet.mother() == Mother::Shannon ? 5e-3 : 1e-5); // a jump between two points
}

TEST_P(EveryMother, hasTheSpectrumOfItsPsi)
{
    const double width = 1.0 / 64;
    for (const double u : {0.3, 1.0, 2.7, 5.8, 8.0}) {
        Complex sum = 0.0;
        for (double t = -600.0; t <= 600.0; t += width)
            sum += m_wavelet.psi(t) * std::polar(width, -u * t);
        const bool slow = fades() || GetParam() == std::string("paul1"); // what is beyond 600
        EXPECT_LT(std::abs(sum / std::sqrt(2 * pi) - m_wavelet.spectrum(u)), slow ? 1e-3 : 1e-6) << u;
    }
}

TEST_P(EveryMother, hasTheSameGainsTogetherAsOneByOne)
{
    for (const double step : {1e-4, 0.01, 0.3}) {
        std::vector<double> gains(333);
        m_wavelet.gains(-0.5, step, 3.0, gains);
        for (std::size_t k = 0; k < gains.size(); ++k) {
            const double right = 3.0 * m_wavelet.gain(-0.5 + static_cast<double>(k) * step);
            EXPECT_NEAR(gains[k], right, 1e-13 * std::abs(right) + 1e-25) << step << ' ' << k;
        }
    }
}

TEST_P(EveryMother, agreesWithTheTextbook)
{
    const std::size_t length = 200;
    std::vector<double> signal = tone(length, 14.0);
    for (std::size_t n = 0; n < length; ++n) // smooth at the ends, so that the spectrum does not fold
        signal[n] *= std::exp(-std::pow((static_cast<double>(n) - 100.0) / 25.0, 2));
    const std::vector<double> scales{6.0, 9.5, 20.0};
    const Scalogram result = cwt(signal, m_wavelet, scales, {.step = 1.0}).value();
    const double tolerance = fades() ? 2e-2 : m_wavelet.mother() == Mother::Paul ? 5e-3 : 1e-8;
    for (std::size_t j = 0; j < scales.size(); ++j) {
        for (const std::size_t at : {30, 77, 100, 161})
            EXPECT_LT(std::abs(result.row(j)[at] - slowTransform(signal, m_wavelet, scales[j], 1.0, at)), tolerance)
                << j << ' ' << at;
    }
}

TEST_P(EveryMother, isLinearAndShiftsWithAPeriodicSignal)
{
    const std::size_t length = 90, shift = 13;
    const std::vector<double> first = numbers(1, length), second = numbers(2, length), scales = scaleLadder(3.0, 2.0, 8);
    std::vector<double> mixed(length), shifted = first;
    for (std::size_t n = 0; n < length; ++n)
        mixed[n] = 3.0 * first[n] - 0.5 * second[n];
    std::ranges::rotate(shifted, shifted.begin() + shift);
    const CwtOptions options{.padding = Padding::None};
    const Scalogram a = cwt(first, m_wavelet, scales, options).value(), b = cwt(second, m_wavelet, scales, options).value(),
                    c = cwt(mixed, m_wavelet, scales, options).value(), d = cwt(shifted, m_wavelet, scales, options).value();
    for (std::size_t j = 0; j < scales.size(); ++j) {
        for (std::size_t n = 0; n < length; ++n) {
            EXPECT_LT(std::abs(c.row(j)[n] - (3.0 * a.row(j)[n] - 0.5 * b.row(j)[n])), 1e-12);
            EXPECT_LT(std::abs(d.row(j)[n] - a.row(j)[(n + shift) % length]), 1e-12);
        }
    }
}

TEST_P(EveryMother, hasNamedConstants)
{
    EXPECT_EQ(named(m_wavelet.name()).name(), m_wavelet.name());
    EXPECT_GT(m_wavelet.eFoldingTime(), 0.0);
    EXPECT_GT(m_wavelet.source().size(), 20U);
    // The gain is largest at its peak.
    for (const double factor : {0.97, 1.03})
        EXPECT_LE(m_wavelet.gain(m_wavelet.peak() * factor), m_wavelet.gain(m_wavelet.peak()));
}

/// |W|^2 of a pure tone is largest at the scale whose period is that of the tone: Torrence and Compo, section 3h.
TEST_P(EveryMother, findsAPureToneAtItsScale)
{
    if (fades() || m_wavelet.mother() == Mother::ComplexMorlet) { // whose period is 1 / center by definition
        EXPECT_NEAR(m_wavelet.periodOfScale(), 2.0 * pi / m_wavelet.peak(), 1e-12);
        return;
    }
    const double period = 32.0;
    const std::vector<double> signal = tone(4096, period),
                              scales = scaleLadder(period / m_wavelet.periodOfScale() / 2.0, 64.0, 129);
    const Scalogram result = cwt(signal, m_wavelet, scales, {.padding = Padding::None}).value();
    std::size_t best = 0;
    const auto power = [&](std::size_t j) {
        double sum = 0.0;
        for (const Complex value : result.row(j))
            sum += std::norm(value);
        return sum;
    };
    for (std::size_t j = 1; j < scales.size(); ++j)
        best = power(j) > power(best) ? j : best;
    EXPECT_NEAR(std::log2(result.period(best) / period), 0.0, 1.01 / 64.0);
}

TEST_P(EveryMother, showsTheAmplitudeOfAToneInL1)
{
    for (const double amplitude : {1.0, 3.5}) {
        std::vector<double> signal = tone(2048, 32.0);
        for (double& sample : signal)
            sample *= amplitude;
        const std::vector<double> scales{m_wavelet.peak() * 32.0 / (2.0 * pi)};
        const Scalogram result =
            cwt(signal, m_wavelet, scales, {.normalization = Normalization::L1, .padding = Padding::None}).value();
        double largest = 0.0;
        for (const Complex value : result.row(0))
            largest = std::max(largest, std::abs(value));
        EXPECT_NEAR(largest, amplitude, 1e-6 * amplitude);
    }
}

TEST_P(EveryMother, givesASignalWithinItsScalesBack)
{
    const std::size_t length = 1024;
    std::vector<double> signal(length, 0.0);
    for (const double period : {16.0, 25.6, 64.0}) {
        const std::vector<double> part = tone(length, period, period);
        std::ranges::transform(signal, part, signal.begin(), std::plus());
    }
    // Wide enough that the slow skirts of Paul and the low derivatives are within.
    const std::vector<double> scales = scaleLadder(0.02, 16.0, 16 * 18);
    for (const Normalization normalization : {Normalization::L1, Normalization::L2}) {
        const Scalogram result =
            cwt(signal, m_wavelet, scales, {.normalization = normalization, .padding = Padding::None}).value();
        const Checked<std::vector<double>> back = icwt(result);
        if (!m_wavelet.isInvertible()) {
            EXPECT_THAT(back.error(), HasSubstr("choose an even one"));
            return;
        }
        // A smooth gain sums over scales as exactly as it integrates, but for what it has left at u = 0. Gains that end with a
        // corner or a jump do so to the size of a step; paul1 leaves a part beyond the last scale.
        const std::string name = GetParam();
        const double tolerance = name == "paul1" ? 2e-2 : fades() ? 6e-3 : name == "cmor4-0.5" ? 2e-3 : 1e-4;
        EXPECT_THAT(back.value(), Pointwise(DoubleNear(tolerance), signal));
    }
}

TEST_P(EveryMother, refusesWhatIsNotANumber)
{
    const std::vector<double> scales{2.0, 4.0};
    EXPECT_THAT(cwt(std::vector<double>{}, m_wavelet, scales).error(), HasSubstr("no samples"));
    EXPECT_THAT(cwt(std::vector<double>{1.0, 2.0, INFINITY}, m_wavelet, scales).error(), HasSubstr("sample 2 of 3"));
    EXPECT_THAT(cwt(numbers(1, 9), m_wavelet, std::vector<double>{}).error(), HasSubstr("no scales"));
    EXPECT_THAT(cwt(numbers(1, 9), m_wavelet, std::vector<double>{2.0, -1.0}).error(),
                HasSubstr("scale number 1 is -1; scales have to be positive"));
    EXPECT_THAT(cwt(numbers(1, 9), m_wavelet, std::vector<double>{1e300}).error(), HasSubstr("shorter than 1e15 steps"));
    for (const double scale : {1e-300, 1e-5, 1e5, 1e14}) {
        const Scalogram result = cwt(numbers(1, 9), m_wavelet, std::vector<double>{scale}).value();
        for (const Complex value : result.values.all())
            EXPECT_TRUE(std::isfinite(value.real()) && std::isfinite(value.imag())) << scale;
    }
    EXPECT_THAT(cwt(numbers(1, 9), m_wavelet, scales, {.step = 0.0}).error(), HasSubstr("step between samples is 0"));
    for (const std::size_t length : {1, 2, 3}) {
        const Scalogram result = cwt(numbers(1, length), m_wavelet, usualScales(length, m_wavelet, 1.0)).value();
        for (const Complex value : result.values.all())
            EXPECT_TRUE(std::isfinite(value.real()) && std::isfinite(value.imag()));
    }
}

TEST(ContinuousWaveletName, isReadWithItsNumbersOrAnswered)
{
    EXPECT_EQ(named("Morlet").name(), "morlet6");
    EXPECT_EQ(named("mexh").name(), "dog2");
    EXPECT_EQ(named("cmor1.50-1.0").name(), "cmor1.5-1");
    EXPECT_EQ(named("fbsp2-1-1.5").mother(), Mother::BSpline);
    EXPECT_EQ(requireContinuousWavelet("morlett").error(), "there is no continuous wavelet 'morlett'; the nearest is 'morlet'");
    EXPECT_EQ(requireContinuousWavelet("").error(), "there is no continuous wavelet ''; the nearest is 'dog'");
    for (const char* wrong : {"paul0", "paul2.5", "dog41", "morlet-1", "morlet6-1", "cmor1.5", "cmor1-2-3", "shan0-1", "fbsp2-1",
                              "morlet6x", "cmor1.5-"})
        EXPECT_THAT(requireContinuousWavelet(wrong).error(), HasSubstr("do not fit")) << wrong;
    for (const std::string_view name : continuousWaveletNames())
        EXPECT_EQ(named(name).name(), name);
}

TEST(ReconstructionFactor, isThatOfTorrenceAndCompoWithMoreDigits)
{
    EXPECT_NEAR(named("morlet6").reconstructionFactor(), 0.776, 4e-3);
    EXPECT_NEAR(named("paul4").reconstructionFactor(), 1.132, 2e-3);
    EXPECT_NEAR(named("dog2").reconstructionFactor(), 3.541, 8e-2); // theirs are sums over few scales
    EXPECT_NEAR(named("dog6").reconstructionFactor(), 1.966, 4e-2);
    EXPECT_NEAR(named("dog2").reconstructionFactor(), std::sqrt(2.0 * pi) / std::numbers::ln2, 1e-12);
}

} // namespace
} // namespace winnow::wavelet
