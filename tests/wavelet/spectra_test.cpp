// SPDX-License-Identifier: GPL-3.0-or-later
// Significance, coherence, ridges and synchrosqueezing. pycwt's numbers: tests/fixtures/wavelet/make_continuous.py.
#include "continuous_fixture.h"
#include "seeded_numbers.h"
#include "wavelet/continuous/coherence.h"
#include "wavelet/continuous/ridges.h"
#include "wavelet/continuous/significance.h"

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

TEST(ChiSquare, isThatOfScipy)
{
    const nlohmann::json facts = fixture();
    for (const auto& one : facts.at("chiSquare"))
        EXPECT_NEAR(chiSquareQuantile(one.at(0), one.at(1)) / one.at(2).get<double>(), 1.0, 1e-10) << one;
    EXPECT_NEAR(chiSquareQuantile(0.95, 2.0), -2.0 * std::log(0.05), 1e-13);
}

TEST(Significance, isThatOfPycwt)
{
    const nlohmann::json facts = fixture();
    const double step = facts.at("step");
    for (const auto& one : facts.at("significance")) {
        const ContinuousWavelet wavelet = named(one.at("wavelet").get<std::string>());
        const NoiseModel noise{.variance = 1.7, .lagOne = one.at("lagOne")};
        const double level = one.at("level");
        const auto scales = one.at("scales").get<std::vector<double>>();
        const auto right = [&](const char* key) { return one.at(key).get<std::vector<double>>(); };
        for (std::size_t j = 0; j < scales.size(); ++j)
            EXPECT_NEAR(noisePower(noise, scales[j] * wavelet.periodOfScale(), step), right("noise")[j], 1e-10);
        EXPECT_THAT(significantPower(scales, wavelet, step, noise, level), Pointwise(DoubleNear(1e-9), right("power")));
        EXPECT_THAT(significantTimeMean(scales, wavelet, step, noise, 200.0, level).value(),
                    Pointwise(DoubleNear(1e-9), right("timeMean")));
        const double scaleMean = significantScaleMean(scales, wavelet, step, noise, 4.0, 20.0, level).value();
        EXPECT_NEAR(scaleMean * wavelet.reconstructionFactor() / one.at("factor").get<double>(), one.at("scaleMean"), 1e-9);
    }
}

TEST(Significance, findsTheRednessOfASignalAsPycwtDoes)
{
    const nlohmann::json facts = fixture();
    for (const auto& one : facts.at("redNoise")) {
        const std::size_t length = one.at("length");
        std::vector<double> red = numbers(length, length);
        for (std::size_t n = 1; n < length; ++n)
            red[n] += 0.7 * red[n - 1];
        const NoiseModel noise = redNoiseOf(red).value();
        EXPECT_NEAR(noise.lagOne, one.at("lagOne"), 1e-10);
        EXPECT_NEAR(noise.variance, one.at("variance"), 1e-10);
    }
    EXPECT_THAT(redNoiseOf(std::vector<double>(10, 2.0)).error(), HasSubstr("cannot be told from 1"));
    EXPECT_THAT(redNoiseOf(std::vector<double>{1.0}).error(), HasSubstr("cannot be told from 1"));
    EXPECT_THAT(redNoiseOf(std::vector<double>{1.0, NAN}).error(), HasSubstr("sample 1 of 2"));
}

TEST(Significance, isExceededByWhiteNoiseAsOftenAsItSays)
{
    const ContinuousWavelet wavelet = named("morlet6");
    const std::vector<double> scales = scaleLadder(2.0, 2.0, 8);
    double above = 0.0, all = 0.0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const Scalogram result = cwt(numbers(seed, 2048), wavelet, scales).value();
        const std::vector<double> limit =
            significantPower(scales, wavelet, 1.0, {.variance = 1.0 / 3.0}); // of numbers in [-1, 1)
        for (std::size_t j = 0; j < scales.size(); ++j) {
            for (std::size_t n = 300; n < 1700; ++n, all += 1.0)
                above += std::norm(result.row(j)[n]) > limit[j] ? 1.0 : 0.0;
        }
    }
    EXPECT_NEAR(above / all, 0.05, 0.01);
}

TEST(Significance, ofAveragesNeedsFactors)
{
    const std::vector<double> scales = scaleLadder(2.0, 4.0, 10);
    EXPECT_THAT(significantTimeMean(scales, named("morlet7"), 1.0, {}, 10.0).error(),
                HasSubstr("no decorrelation factors for morlet7"));
    EXPECT_EQ(significantScaleMean(scales, named("paul4"), 1.0, {}, 1000.0, 2000.0).error(),
              "no scale lies between 1000 and 2000");
}

TEST(Coherence, isThatOfPycwt)
{
    const nlohmann::json facts = fixture();
    const double step = facts.at("step"), perOctave = facts.at("perOctave");
    for (const auto& one : facts.at("coherence")) {
        const std::size_t length = one.at("length");
        const std::vector<double> a = numbers(1, length), weights = numbers(1000, length);
        std::vector<double> b = numbers(2, length);
        for (std::size_t n = 3; n < length; ++n)
            b[n] += a[n - 3];
        const ContinuousWavelet wavelet = named("morlet6");
        // pycwt's xwt takes its step from elsewhere when it chooses scales, which is the same here.
        const std::vector<double> scales = usualScales(length, wavelet, step, perOctave);
        const CwtOptions options{.step = step, .padding = Padding::PowerOfTwo};
        const Scalogram first = cwt(a, wavelet, scales, options).value(), second = cwt(b, wavelet, scales, options).value();
        const ComplexNumbers cross = crossWavelet(first, second).value();
        const Coherence found = coherence(first, second).value();
        for (std::size_t j = 0; j < scales.size(); ++j) {
            Complex crossSum = 0.0;
            double squaredSum = 0.0, phaseSum = 0.0;
            for (std::size_t n = 0; n < length; ++n) {
                crossSum += cross.data()[j * length + n] * weights[n];
                squaredSum += found.squared[j * length + n] * weights[n];
                phaseSum += found.phase[j * length + n] * weights[n];
            }
            EXPECT_NEAR(crossSum.real(), one.at("crossReal").at(j), 1e-10);
            EXPECT_NEAR(crossSum.imag(), one.at("crossImaginary").at(j), 1e-10);
            EXPECT_NEAR(squaredSum, one.at("squared").at(j), 1e-9) << length << ' ' << j; // a quotient
            EXPECT_NEAR(phaseSum, one.at("phase").at(j), 1e-9) << length << ' ' << j;
        }
    }
}

TEST(Coherence, isOneOfASignalWithItselfAndKnowsWhoIsAhead)
{
    std::vector<double> early(600), late(600);
    for (std::size_t n = 0; n < 600; ++n) {
        early[n] = std::cos(2 * pi * static_cast<double>(n) / 20.0);
        late[n] = std::cos(2 * pi * (static_cast<double>(n) - 5.0) / 20.0); // a quarter of a period later
    }
    const ContinuousWavelet wavelet = named("morlet6");
    const std::vector<double> scales = usualScales(600, wavelet, 1.0, 4.0);
    const Scalogram first = cwt(early, wavelet, scales).value(), second = cwt(late, wavelet, scales).value();
    const Coherence same = coherence(first, first).value();
    for (const double value : same.squared)
        EXPECT_NEAR(value, 1.0, 1e-9);
    const Coherence both = coherence(first, second).value();
    const std::size_t at = static_cast<std::size_t>(
        std::ranges::min_element(scales, {}, [&](double s) { return std::abs(std::log(s * wavelet.periodOfScale() / 20.0)); }) -
        scales.begin());
    EXPECT_NEAR(both.phase[at * 600 + 300], pi / 2, 1e-3);
    EXPECT_GT(both.squared[at * 600 + 300], 0.999);
    for (const double value : both.squared)
        EXPECT_LE(value, 1.0 + 1e-9);
}

TEST(Coherence, refusesTransformsThatDiffer)
{
    const std::vector<double> signal = numbers(1, 64), scales = scaleLadder(2.0, 4.0, 8);
    const Scalogram one = cwt(signal, named("morlet6"), scales).value();
    EXPECT_THAT(coherence(one, cwt(numbers(1, 65), named("morlet6"), scales).value()).error(), HasSubstr("64 and 65 samples"));
    EXPECT_THAT(coherence(one, cwt(signal, named("paul4"), scales).value()).error(), HasSubstr("morlet6 and paul4"));
    EXPECT_THAT(crossWavelet(one, cwt(signal, named("morlet6"), scaleLadder(3.0, 4.0, 8)).value()).error(),
                HasSubstr("different scales"));
}

/// A tone whose period falls steadily, and its frequency at each sample.
struct Chirp {
    std::vector<double> signal, frequency;
    explicit Chirp(std::size_t length)
    {
        double phase = 0.0;
        for (std::size_t n = 0; n < length; ++n) {
            frequency.push_back(0.02 + 0.1 * static_cast<double>(n) / static_cast<double>(length));
            phase += 2 * pi * frequency.back();
            signal.push_back(1.5 * std::cos(phase));
        }
    }
};

TEST(Ridge, followsAChirp)
{
    const Chirp chirp(2000);
    const ContinuousWavelet wavelet = named("morlet12");
    const Scalogram result =
        cwt(chirp.signal, wavelet, scaleLadder(10.0, 16.0, 90), {.normalization = Normalization::L1}).value();
    const std::vector<Ridge> found = ridges(result);
    ASSERT_FALSE(found.empty());
    const Ridge& longest = found[0];
    EXPECT_GT(longest.scales.size(), 1800U);
    for (std::size_t n = 300; n < 1700; ++n) {
        const std::size_t at = n - longest.begin;
        EXPECT_NEAR(wavelet.peak() / (2 * pi * longest.scales[at]) / chirp.frequency[n], 1.0, 0.01) << n;
        // A Gaussian window of width s sees a frequency that rises by c per sample weaker by this much.
        const double rise = 2 * pi * 0.1 / 2000.0 * longest.scales[at] * longest.scales[at];
        EXPECT_NEAR(longest.magnitude[at], 1.5 * std::pow(1.0 + rise * rise, -0.25), 0.01) << n;
    }
}

TEST(Ridge, isOneForEachOfTwoTones)
{
    std::vector<double> signal(800);
    for (std::size_t n = 0; n < signal.size(); ++n)
        signal[n] = std::cos(2 * pi * static_cast<double>(n) / 10.0) + std::cos(2 * pi * static_cast<double>(n) / 60.0);
    const Scalogram result =
        cwt(signal, named("morlet6"), scaleLadder(4.0, 12.0, 60), {.normalization = Normalization::L1, .padding = Padding::None})
            .value();
    const std::vector<Ridge> found = ridges(result, {.threshold = 0.3, .shortest = 400});
    ASSERT_EQ(found.size(), 2U);
    for (const Ridge& one : found)
        EXPECT_EQ(one.scales.size(), 800U);
    EXPECT_NEAR(found[0].scales[400] * 2 * pi / 6.0, 10.0, 0.1);
    EXPECT_NEAR(found[1].scales[400] * 2 * pi / 6.0, 60.0, 0.6);
    EXPECT_TRUE(ridges(cwt(std::vector<double>(50, 0.0), named("morlet6"), scaleLadder(4.0, 4.0, 9)).value()).empty());
}

TEST(Synchrosqueezing, putsATonesEnergyIntoItsBin)
{
    const std::size_t length = 1000;
    std::vector<double> signal(length);
    for (std::size_t n = 0; n < length; ++n)
        signal[n] = std::cos(2 * pi * static_cast<double>(n) / 25.0);
    const SqueezedTransform squeezed =
        synchrosqueeze(signal, named("morlet6"), scaleLadder(4.0, 16.0, 96), {.padding = Padding::None}).value();
    std::size_t bin = 0;
    for (std::size_t j = 0; j < squeezed.frequencies.size(); ++j)
        bin = std::abs(std::log(squeezed.frequencies[j] * 25.0)) < std::abs(std::log(squeezed.frequencies[bin] * 25.0)) ? j : bin;
    // All of it, as the gains of all scales integrate to the tone's amplitude.
    EXPECT_NEAR(std::abs(squeezed.row(bin)[500]), 1.0, 1e-3);
    for (std::size_t j = 0; j < squeezed.frequencies.size(); ++j) {
        if (j != bin) {
            EXPECT_LT(std::abs(squeezed.row(j)[500]), 1e-6);
        }
    }
    EXPECT_THAT(componentOf(squeezed, 0, squeezed.frequencies.size()), Pointwise(DoubleNear(1e-3), signal));
}

TEST(Synchrosqueezing, separatesWhatAddsUpToTheSignal)
{
    const std::size_t length = 1024;
    std::vector<double> slow(length), quick(length), signal(length);
    for (std::size_t n = 0; n < length; ++n) {
        slow[n] = 0.7 * std::cos(2 * pi * static_cast<double>(n) / 64.0);
        quick[n] = std::sin(2 * pi * static_cast<double>(n) / 8.0);
        signal[n] = slow[n] + quick[n];
    }
    const SqueezedTransform squeezed =
        synchrosqueeze(signal, named("morlet6"), scaleLadder(2.0, 16.0, 112), {.padding = Padding::None}).value();
    const auto split = static_cast<std::size_t>(
        std::ranges::find_if(squeezed.frequencies, [](double f) { return f < 1.0 / 22.0; }) - squeezed.frequencies.begin());
    EXPECT_THAT(componentOf(squeezed, 0, split), Pointwise(DoubleNear(2e-3), quick));
    EXPECT_THAT(componentOf(squeezed, split, squeezed.frequencies.size()), Pointwise(DoubleNear(2e-3), slow));
}

TEST(Synchrosqueezing, followsAChirpMoreSharplyThanTheTransform)
{
    const Chirp chirp(2000);
    const ContinuousWavelet wavelet = named("morlet6");
    const std::vector<double> scales = scaleLadder(5.0, 16.0, 90);
    const SqueezedTransform squeezed = synchrosqueeze(chirp.signal, wavelet, scales).value();
    double near = 0.0, all = 0.0;
    for (std::size_t j = 0; j < scales.size(); ++j) {
        for (std::size_t n = 300; n < 1700; ++n) {
            const double power = std::norm(squeezed.row(j)[n]);
            all += power;
            near += std::abs(std::log2(squeezed.frequencies[j] / chirp.frequency[n])) < 0.07 ? power : 0.0;
        }
    }
    EXPECT_GT(near / all, 0.98);
}

TEST(Scales, thatAreTooFewOrDoNotAscendAreAnswered)
{
    const std::vector<double> signal = numbers(1, 64);
    const Scalogram one = cwt(signal, named("morlet6"), std::vector{4.0}).value();
    const Scalogram falling = cwt(signal, named("morlet6"), std::vector{8.0, 4.0, 2.0}).value();
    for (const Scalogram* wrong : {&one, &falling}) {
        EXPECT_THAT(icwt(*wrong).error(), HasSubstr("at least two scales, ascending"));
        EXPECT_THAT(coherence(*wrong, *wrong).error(), HasSubstr("at least two, ascending"));
    }
    EXPECT_TRUE(ridges(one).empty());
}

TEST(Synchrosqueezing, refusesWhatHasNoPhase)
{
    const std::vector<double> signal = numbers(1, 64), scales = scaleLadder(2.0, 4.0, 8);
    EXPECT_THAT(synchrosqueeze(signal, named("mexh"), scales).error(), HasSubstr("dog2 has no phase"));
    EXPECT_THAT(synchrosqueeze(signal, named("morlet6"), std::vector{4.0, 2.0}).error(), HasSubstr("ascending"));
    EXPECT_THAT(synchrosqueeze(std::vector<double>{NAN}, named("morlet6"), scales).error(), HasSubstr("sample 0 of 1"));
}

TEST(Synchrosqueezing, givesTheSameNumbersWithAnyNumberOfThreads)
{
    const std::vector<double> signal = numbers(5, 4000), scales = scaleLadder(2.0, 8.0, 40);
    const SqueezedTransform one = synchrosqueeze(signal, named("morlet6"), scales, {.threads = 1}).value();
    const SqueezedTransform some = synchrosqueeze(signal, named("morlet6"), scales, {.threads = 3}).value();
    EXPECT_TRUE(std::ranges::equal(one.values.all(), some.values.all()));
}

} // namespace
} // namespace winnow::wavelet
