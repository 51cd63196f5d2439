// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/token_coherence.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/synthetic_trace.h"
#include "wavelet/continuous/coherence.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

constexpr int kTokens = 256;

/// Two KV heads whose value norms are waves of `period`, the second `late` tokens after the first, with some noise in both.
SyntheticTrace twoWaves(double period, double late, double noise = 0.05)
{
    SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 2, .headDim = 1, .tokens = kTokens, .rotaryDims = 0, .seed = 5});
    for (int head = 0; head < 2; ++head)
        for (int i = 0; i < kTokens; ++i) {
            float& value = trace.v[0][static_cast<std::size_t>(head * kTokens + i)];
            value = static_cast<float>(3 + std::cos(2 * M_PI * (i - head * late) / period) + noise * value);
        }
    return trace;
}

CoherenceRequest valueNorms() { return {.pair = {{{.head = {0, 0}}, {.head = {0, 1}}}}, .kind = SignalKind::ValueNorm}; }

/// By the definition: the value below which so many of a normal distribution lie. Of different values.
std::vector<double> normalScores(const std::vector<double>& values)
{
    std::vector<double> scores;
    for (const double value : values) {
        const auto below = std::count_if(values.begin(), values.end(), [&](double other) { return other < value; });
        const double share = (static_cast<double>(below) + 0.5) / static_cast<double>(values.size());
        double low = -10, high = 10;
        for (int i = 0; i < 100; ++i) {
            const double middle = (low + high) / 2;
            (0.5 * std::erfc(-middle / std::sqrt(2.0)) < share ? low : high) = middle;
        }
        scores.push_back(low);
    }
    return scores;
}

int scaleOf(const TokenCoherence& c, double period)
{
    return static_cast<int>(std::lower_bound(c.period.begin(), c.period.end(), period) - c.period.begin());
}

TEST(TokenCoherence, saysThatTheFirstIsAQuarterOfAPeriodAhead)
{
    const TemporaryFolder folder;
    const auto c = tokenCoherence(*openSynthetic(twoWaves(16, 4), folder), valueNorms(), {});
    ASSERT_TRUE(c) << c.error().message;
    const int scale = scaleOf(*c, 16);
    for (int i = 60; i < 200; ++i) {
        EXPECT_GT(c->squared[c->at(scale, i)], 0.99);
        EXPECT_NEAR(c->phase[c->at(scale, i)], M_PI / 2, 0.1);
        EXPECT_TRUE(c->significant(scale, i));
    }
    EXPECT_GT(c->mean[static_cast<std::size_t>(scale)], 0.99);
}

TEST(TokenCoherence, isThatOfTheNormsAsTheWaveletRoomComputesIt)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 3, .tokens = 50, .rotaryDims = 2});
    const TemporaryFolder folder;
    CoherenceRequest request{.pair = {{{.head = {0, 1}}, {.head = {1, 2}}}}, .step = 47, .trim = 3, .noise = NoiseKind::None};
    const auto c = tokenCoherence(*openSynthetic(trace, folder), request, {});
    ASSERT_TRUE(c) << c.error().message;
    EXPECT_EQ(c->positions, 42);
    EXPECT_EQ(c->firstPosition, 3);
    EXPECT_TRUE(c->threshold.empty());
    const auto morlet = *wavelet::requireContinuousWavelet("morlet6");
    std::vector<wavelet::Scalogram> both;
    for (const auto& [layer, head] : {std::pair(0, 1), std::pair(1, 2)}) {
        std::vector<double> signal;
        for (int i = 3; i <= 44; ++i) {
            double norm = 0;
            for (int channel = 0; channel < 3; ++channel)
                norm += std::pow(
                    trace.v[static_cast<std::size_t>(layer)][static_cast<std::size_t>((head / 2 * 50 + i) * 3 + channel)], 2);
            signal.push_back(
                std::sqrt(norm) *
                trace.attention[static_cast<std::size_t>(layer)][static_cast<std::size_t>((head * 50 + 47) * 50 + i)]);
        }
        signal = normalScores(signal);
        both.push_back(wavelet::cwt(signal, morlet, c->scale).value());
    }
    const auto expected = wavelet::coherence(both[0], both[1], {.padding = wavelet::Padding::Full}).value();
    for (std::size_t i = 0; i < expected.squared.size(); ++i)
        ASSERT_NEAR(c->squared[i], expected.squared[i], 1e-4) << i;
}

/// Two signals that have nothing to do with each other are coherent as often as the confidence says.
TEST(TokenCoherence, findsNoiseCoherentInFivePerCentOfCells)
{
    for (const NoiseKind noise : {NoiseKind::White, NoiseKind::Red, NoiseKind::Shuffled}) {
        double found = 0, cells = 0;
        for (unsigned seed = 1; seed <= 6; ++seed) {
            SyntheticTrace trace = makeSynthetic(
                {.layers = 1, .queryHeads = 2, .keyHeads = 2, .headDim = 1, .tokens = kTokens, .rotaryDims = 0, .seed = seed});
            for (float& value : trace.v[0])
                value += 8;
            const TemporaryFolder folder;
            CoherenceRequest request = valueNorms();
            request.noise = noise;
            request.perOctave = 4;
            request.surrogates = 40;
            const auto c = tokenCoherence(*openSynthetic(trace, folder), request, {});
            ASSERT_TRUE(c) << c.error().message;
            for (int scale = 0; scale < scaleOf(*c, 32); ++scale)
                for (int i = 0; i < kTokens; ++i)
                    if (c->insideCone(scale, i)) {
                        found += c->significant(scale, i) ? 1 : 0;
                        ++cells;
                    }
        }
        EXPECT_NEAR(found / cells, 0.05, 0.03) << noiseName(noise);
    }
}

TEST(TokenCoherence, countsWhatAPolicyEvictedAsNothing)
{
    const TemporaryFolder folder;
    PolicyReplay policy;
    policy.layers = 1, policy.lanes = 2, policy.tokens = kTokens, policy.stepsDone = kTokens;
    std::vector<std::int32_t> left(2 * kTokens, -1);
    std::fill_n(left.begin(), 128, 200); // of the first lane
    policy.evictStep = std::move(left);
    CoherenceRequest request{.pair = {{{.head = {0, 0}}, {.head = {0, 0}, .policy = &policy}}}, .kind = SignalKind::ValueNorm};
    const auto c = tokenCoherence(*openSynthetic(twoWaves(16, 0), folder), request, {});
    ASSERT_TRUE(c) << c.error().message;
    for (int i = 0; i < 128; ++i) // all equal, and the least: half of 256 values share the middle of their ranks
        ASSERT_NEAR(c->signal[1][static_cast<std::size_t>(i)], -0.674490, 1e-6);
    EXPECT_GT(c->signal[1][200], c->signal[1][100]);
    const int scale = scaleOf(*c, 16);
    EXPECT_GT(c->squared[c->at(scale, 200)], 0.97);
    EXPECT_LT(c->squared[c->at(scale, 64)], 0.9);
}

TEST(TokenCoherence, refusesWhatHasNoPhaseOrIsTooShort)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(twoWaves(16, 4), folder);
    CoherenceRequest request = valueNorms();
    request.wavelet = "mexh";
    EXPECT_THAT(tokenCoherence(*trace, request, {}).error().message, HasSubstr("real and has no phase"));
    request = valueNorms();
    request.trim = 126;
    EXPECT_THAT(tokenCoherence(*trace, request, {}).error().message, HasSubstr("4 positions are left"));
    request.trim = 500;
    EXPECT_THAT(tokenCoherence(*trace, request, {}).error().message, HasSubstr("0 positions are left"));
}

TEST(TokenCoherence, figureNamesItsTwoSignals)
{
    const TemporaryFolder folder;
    const FigureInputs inputs{.traces = {openSynthetic(twoWaves(16, 4), folder)}};
    FigureOptions options{.layer = 0, .head = 0, .signal = "value-norm", .noise = "none"};
    options.against.head = 1;
    const auto figure = makeFigure("coherence", inputs, options, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->caption, HasSubstr("full cache, step 255; first: layer 0, query head 0; second: layer 0, query head 1"));
    options.against = {};
    EXPECT_EQ(makeFigure("coherence", inputs, options, {})->caption, figure->caption) << "the neighbor, unless said";
    options.against.layer = 0;
    EXPECT_THAT(makeFigure("coherence", inputs, options, {}).error().message, HasSubstr("both signals are the same"));
    options.against = {.policy = 1};
    EXPECT_THAT(makeFigure("coherence", inputs, options, {}).error().message, HasSubstr("no replay was given"));
}

} // namespace
} // namespace winnow
