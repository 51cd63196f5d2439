// SPDX-License-Identifier: GPL-3.0-or-later
// How often chance is called significant, which is known: in 5 % of the cells inside the cone of influence.
#include "core/analysis/wavelet/scalogram.h"

#include "core/analysis/wavelet/independent_signals.h"
#include "tests/support/made_signals.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

using namespace testing_support;

TokenScalogram scalogramOf(const SyntheticTrace& trace, const ScalogramOptions& options)
{
    const auto result = scalogram(*inMemory(trace), options, {});
    EXPECT_TRUE(result) << result.error().message;
    return *result;
}

/// Share of the cells inside the cone that are significant.
double significantShare(const TokenScalogram& s)
{
    double inside = 0, significant = 0;
    for (int scale = 0; scale < s.scales; ++scale)
        for (int i = 0; i < s.positions; ++i)
            if (s.insideCone(scale, i)) {
                ++inside;
                significant += s.significant(scale, i) ? 1 : 0;
            }
    return significant / inside;
}

/// The norms of the values of one channel, |offset + scale · noise|.
SyntheticTrace norms(double offset, double scale, unsigned seed)
{
    SeededNormal random(seed);
    return traceOfValues(1, 1, 1, 1000, [&](int, int, std::vector<double>& values) {
        for (double& value : values)
            value = offset + scale * random();
    });
}

TEST(Significance, findsNothingInAConstant)
{
    for (const auto noise : {NoiseKind::White, NoiseKind::Red})
        for (const auto detrend : {Detrend::Mean, Detrend::Line}) {
            const TokenScalogram s =
                scalogramOf(norms(0.7, 0, 1), {.signal = SignalKind::ValueNorm, .noise = noise, .detrend = detrend});
            EXPECT_EQ(significantShare(s), 0);
        }
    // As it is, the padding makes a step of it.
    EXPECT_GT(significantShare(scalogramOf(norms(0.7, 0, 1), {.signal = SignalKind::ValueNorm, .detrend = Detrend::None})), 0.5);
}

TEST(Significance, findsFivePercentOfNoiseAroundAMean)
{
    double share = 0, withMean = 0;
    for (unsigned seed = 0; seed < 5; ++seed) {
        const SyntheticTrace trace = norms(1, 0.1, seed);
        const ScalogramOptions options{.signal = SignalKind::ValueNorm, .noise = NoiseKind::White};
        share += significantShare(scalogramOf(trace, options)) / 5;
        ScalogramOptions asItIs = options;
        asItIs.detrend = Detrend::None;
        withMean += significantShare(scalogramOf(trace, asItIs)) / 5;
    }
    EXPECT_NEAR(share, 0.05, 0.015);
    EXPECT_GT(withMean, 0.1) << "the mean was not worth removing";
}

TEST(Significance, knowsHowManyIndependentSignalsAMeanIsWorth)
{
    for (const bool alike : {false, true}) {
        double share = 0, independent = 0;
        for (unsigned seed = 0; seed < 4; ++seed) {
            SeededNormal random(seed);
            const SyntheticTrace trace = traceOfValues(1, 1, 32, 1000, [&](int, int, std::vector<double>& values) {
                fillNoise(random, values);
                for (std::size_t i = 0; alike && i < values.size(); ++i)
                    values[i] = values[i - i % 32];
            });
            const TokenScalogram s = scalogramOf(trace, {.noise = NoiseKind::White});
            share += significantShare(s) / 4;
            independent += s.independent / 4;
        }
        EXPECT_NEAR(independent, alike ? 1 : 32, alike ? 0.2 : 4);
        EXPECT_NEAR(share, 0.05, 0.02) << (alike ? "32 times the same" : "32 channels");
    }
}

TEST(Significance, ofTheGlobalSpectrumHolds)
{
    double above = 0, scales = 0;
    for (unsigned seed = 0; seed < 12; ++seed) {
        SeededNormal random(seed);
        const SyntheticTrace trace =
            traceOfValues(1, 1, 4, 500, [&](int, int, std::vector<double>& values) { fillNoise(random, values); });
        const TokenScalogram s = scalogramOf(trace, {.perOctave = 4, .noise = NoiseKind::White});
        for (int scale = 0; scale < s.scales; ++scale)
            if (const auto at = static_cast<std::size_t>(scale); std::isfinite(s.globalThreshold[at])) {
                ++scales;
                above += s.global[at] > s.globalThreshold[at] ? 1 : 0;
            }
        EXPECT_LT(s.globalThreshold[4], s.threshold[4]) << "a mean over positions scatters less";
    }
    EXPECT_GT(scales, 200);
    EXPECT_NEAR(above / scales, 0.05, 0.04);
}

/// Noise whose attention falls off with the distance: contributions of a variance that changes with the position.
TEST(Significance, againstShuffledValuesAllowsForAChangingVariance)
{
    double white = 0, shuffled = 0;
    for (unsigned seed = 0; seed < 4; ++seed) {
        SeededNormal random(seed);
        constexpr int kTokens = 400, kChannels = 4;
        SyntheticTrace trace =
            traceOfValues(1, 1, kChannels, kTokens, [&](int, int, std::vector<double>& values) { fillNoise(random, values); });
        double sum = 0;
        for (int t = 0; t < kTokens; ++t) {
            const double logit = t / 60.0; // attention e times as large every 60 tokens
            trace.q[0][static_cast<std::size_t>(t) * kChannels] = 1;
            trace.k[0][static_cast<std::size_t>(t) * kChannels] = static_cast<float>(logit);
            sum += std::exp(logit);
            trace.lse[0][static_cast<std::size_t>(t)] = static_cast<float>(std::log(sum));
        }
        white += significantShare(scalogramOf(trace, {.perOctave = 4, .noise = NoiseKind::White})) / 4;
        const TokenScalogram s = scalogramOf(trace, {.perOctave = 4, .noise = NoiseKind::Shuffled});
        shuffled += significantShare(s) / 4;
        EXPECT_EQ(s.cellThreshold.size(), s.power.size());
        EXPECT_GT(s.thresholdAt(5, kTokens - 30), 10 * s.thresholdAt(5, 30)) << "where attention is, chance is loud";
    }
    EXPECT_GT(white, 0.07);
    EXPECT_NEAR(shuffled, 0.05, 0.025);
}

TEST(Shuffle, KeepsAttentionAndMovesValues)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 2, .keyHeads = 1, .headDim = 1, .tokens = 40, .rotaryDims = 0});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const auto signalOf = [&](SignalKind kind, std::optional<unsigned> seed) {
        std::vector<std::vector<double>> heads;
        const auto plan = planSignals(*opened, {.window = 30, .kind = kind, .shuffle = seed});
        EXPECT_TRUE(visitSignals(*opened, *plan, 8, {}, [&](std::span<const LaneSignal> signals) {
            for (const LaneSignal& one : signals)
                heads.emplace_back(one.values.begin(), one.values.end());
        }));
        return heads;
    };
    const auto own = signalOf(SignalKind::Contribution, {}), other = signalOf(SignalKind::Contribution, 7),
               attention = signalOf(SignalKind::Attention, {});
    EXPECT_NE(own, other);
    EXPECT_EQ(other, signalOf(SignalKind::Contribution, 7)) << "a seed stands for one order";
    std::vector<std::vector<double>> values(2), moved(2);
    for (std::size_t head = 0; head < 2; ++head)
        for (std::size_t i = 0; i < 30; ++i) {
            values[head].push_back(own[head][i] / attention[head][i]);
            moved[head].push_back(other[head][i] / attention[head][i]);
        }
    for (std::size_t i = 0; i < 30; ++i)
        EXPECT_NEAR(moved[0][i], moved[1][i], 1e-9) << "all heads see the same order";
    std::sort(values[0].begin(), values[0].end());
    std::sort(moved[0].begin(), moved[0].end());
    EXPECT_THAT(moved[0], testing::Pointwise(testing::DoubleNear(1e-9), values[0])) << "the same values, elsewhere";
    auto shares = signalOf(SignalKind::Attention, 7), unshuffled = attention;
    EXPECT_NE(shares, unshuffled);
    std::sort(shares[0].begin(), shares[0].end());
    std::sort(unshuffled[0].begin(), unshuffled[0].end());
    EXPECT_EQ(shares[0], unshuffled[0]);
}

} // namespace
} // namespace winnow
