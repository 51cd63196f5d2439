// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scalogram.h"

#include "core/analysis/wavelet/band_brush.h"
#include "core/analysis/wavelet/packet_bands.h"
#include "tests/support/synthetic_trace.h"
#include "wavelet/continuous/continuous.h"
#include "wavelet/packets.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

namespace winnow {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

/// One head whose value norms are 1 + cos(2 π i / period) and little noise: a signal that is known.
SyntheticTrace waves(int tokens, double period)
{
    SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 1, .tokens = tokens, .rotaryDims = 0, .seed = 3});
    for (int i = 0; i < tokens; ++i)
        trace.v[0][static_cast<std::size_t>(i)] =
            static_cast<float>(2 + std::cos(2 * M_PI * i / period) + 0.05 * trace.v[0][static_cast<std::size_t>(i)]);
    return trace;
}

TEST(Scalogram, isTheMeanPowerOfTheTransform)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 3, .tokens = 50, .rotaryDims = 2});
    const TemporaryFolder folder;
    const auto result = scalogram(*openSynthetic(trace, folder),
                                  {.heads = {{1, 1}, {1, 2}}, .step = 47, .trimFirst = 4, .trimLast = 2, .perOctave = 4}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->positions, 42);
    EXPECT_EQ(result->firstPosition, 4);
    EXPECT_EQ(result->heads, 2);
    const auto morlet = *wavelet::requireContinuousWavelet("morlet6");
    std::vector<double> mean(result->power.size());
    for (const int head : {1, 2})
        for (int c = 0; c < 3; ++c) {
            std::vector<double> signal;
            for (int i = 4; i <= 45; ++i)
                signal.push_back(trace.attention[1][(head * 50 + 47) * 50 + i] * trace.v[1][(head / 2 * 50 + i) * 3 + c]);
            const double middle = std::accumulate(signal.begin(), signal.end(), 0.0) / static_cast<double>(signal.size());
            for (double& value : signal)
                value -= middle;
            const auto transform = wavelet::cwt(signal, morlet, result->scale);
            for (std::size_t i = 0; i < mean.size(); ++i)
                mean[i] += std::norm(transform->values.all()[i]) / 6;
        }
    EXPECT_THAT(result->power, Pointwise(DoubleNear(1e-6), mean));
    for (int s = 0; s < result->scales; ++s)
        EXPECT_NEAR(result->period[static_cast<std::size_t>(s)], 2 * std::exp2(s / 4.0), 1e-9);
}

TEST(Scalogram, showsAWaveAtItsPeriodSignificantlyInsideTheCone)
{
    const TemporaryFolder folder;
    const auto result = scalogram(*openSynthetic(waves(400, 16), folder), {.signal = SignalKind::ValueNorm, .ridges = true}, {});
    ASSERT_TRUE(result) << result.error().message;
    const auto loudest =
        static_cast<int>(std::max_element(result->global.begin(), result->global.begin() + 40) - result->global.begin());
    EXPECT_NEAR(result->period[static_cast<std::size_t>(loudest)], 16, 1);
    for (int i = 50; i < 350; ++i)
        EXPECT_TRUE(result->significant(loudest, i) && result->insideCone(loudest, i)) << i;
    EXPECT_FALSE(result->insideCone(result->scales - 1, 200)); // about as long as the text
    ASSERT_FALSE(result->ridges.empty());
    const auto wave =
        std::find_if(result->ridges.begin(), result->ridges.end(), [](const PowerRidge& r) { return r.periods.size() > 200; });
    ASSERT_NE(wave, result->ridges.end());
    EXPECT_NEAR(wave->periods[wave->periods.size() / 2], 16, 0.5);

    // A rectangle around the wave is carried by tokens all over it; none lies outside of the range.
    const std::vector<int> tokens = carriers(*result, 12, 20, 100, 200, 0.5);
    EXPECT_GT(tokens.size(), 30U);
    EXPECT_GE(tokens.front(), 100);
    EXPECT_LT(tokens.back(), 200);
    EXPECT_TRUE(std::is_sorted(tokens.begin(), tokens.end()));
}

TEST(Scalogram, takesEveryWaveletAndShortTexts)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 24}), folder);
    for (const std::string_view name : continuousWavelets())
        for (const int step : {0, 1, 2, 23}) {
            const auto result = scalogram(*opened, {.step = step, .wavelet = std::string(name), .noise = NoiseKind::Red}, {});
            ASSERT_TRUE(result) << name << ' ' << step << ": " << result.error().message;
            EXPECT_EQ(result->positions, step + 1);
            for (const double value : result->power)
                EXPECT_TRUE(std::isfinite(value)) << name << ' ' << step;
            for (const double value : result->threshold)
                EXPECT_TRUE(std::isfinite(value)) << name << ' ' << step;
        }
}

TEST(Scalogram, refusesWhatItCannotServeWithASentence)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 24}), folder);
    const auto message = [&](const ScalogramOptions& options) {
        const auto result = scalogram(*opened, options, {});
        return result ? std::string() : result.error().message;
    };
    EXPECT_THAT(message({.wavelet = "morlett"}), HasSubstr("morlet"));
    EXPECT_THAT(message({.trimFirst = 20, .trimLast = 4}), HasSubstr("leave at least one"));
    EXPECT_THAT(message({.perOctave = 0}), HasSubstr("choose 1 to 64"));
    EXPECT_THAT(message({.shortestPeriod = 30, .longestPeriod = 10}), HasSubstr("make no range"));
    EXPECT_THAT(message({.confidence = 1}), HasSubstr("between 0 and 1"));
    EXPECT_THAT(message({.step = 24}), HasSubstr("step 24 does not exist"));
}

TEST(Scalogram, differencesAreCellByCell)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 60}), folder);
    const auto a = scalogram(*opened, {.heads = {{0, 0}}}, {}), b = scalogram(*opened, {.heads = {{0, 1}}, .step = 49}, {});
    const auto difference = differenceOf(*a, *b);
    ASSERT_TRUE(difference) << difference.error().message;
    EXPECT_EQ(difference->positions, 50);
    EXPECT_EQ(difference->firstPosition, 10);
    EXPECT_EQ(difference->at(3, 7), a->at(3, 17) - b->at(3, 7));
    const auto scales = static_cast<std::size_t>(std::min(a->scales, b->scales));
    EXPECT_EQ(difference->period, std::vector(a->period.begin(), a->period.begin() + static_cast<std::ptrdiff_t>(scales)));
    EXPECT_EQ(difference->scale.size(), scales);
    EXPECT_LT(scales, a->period.size());
    ASSERT_EQ(difference->cone.size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(difference->cone[i], std::min(a->cone[i + 10], b->cone[i])) << i;
        EXPECT_EQ(difference->signal[i], a->signal[i + 10] - b->signal[i]) << i;
    }
    EXPECT_FALSE(differenceOf(*a, *scalogram(*opened, {.wavelet = "paul"}, {})));
}

TEST(BandBrush, answersARangeAsTheSumsSay)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 64}), folder);
    const auto c = std::make_shared<const Contribution>(*contribution(*opened, {.steps = {60}, .window = 50, .levels = 3}, {}));
    const BandBrush brush(c);
    const BandBrush::Range range = brush.range(20, 35);
    EXPECT_EQ(range.begin, 20);
    EXPECT_EQ(range.end, 35);
    double inside = 0, levels = 0;
    for (int band = 0; band <= 3; ++band) {
        const auto row = c->powerOf(band);
        const double here = std::accumulate(row.begin() + 9, row.begin() + 24, 0.0),
                     all = std::accumulate(row.begin(), row.end(), 0.0);
        EXPECT_NEAR(range.share[static_cast<std::size_t>(band)], here / all, 1e-12);
        inside += here;
    }
    for (int band = 0; band <= 3; ++band) {
        const auto row = c->powerOf(band);
        EXPECT_NEAR(range.level[static_cast<std::size_t>(band)], std::accumulate(row.begin() + 9, row.begin() + 24, 0.0) / inside,
                    1e-12);
        levels += range.level[static_cast<std::size_t>(band)];
    }
    EXPECT_NEAR(levels, 1, 1e-12);
    EXPECT_EQ(brush.range(-5, 5).end, 11); // before the first position: nothing
    EXPECT_EQ(brush.range(-5, 5).signal, 0);
    EXPECT_NEAR(brush.range(0, 1000).signal, 1, 1e-12);
}

TEST(ScalogramBrush, findsThePeriodsOfARangeAndTheTokensOfARegion)
{
    TokenScalogram s{.scales = 4, .positions = 5, .firstPosition = 10, .step = 14};
    s.period = {2, 4, 8, 16};
    s.cone = {16, 16, 16, 16, 8};
    s.power = {0, 1, 0, 0, 0, //
               0, 2, 6, 0, 0, //
               0, 3, 0, 5, 0, //
               0, 0, 0, 0, 9};
    EXPECT_THAT(powerInRange(s, 11, 13), ElementsAre(0.5, 4, 1.5, 0));
    EXPECT_THAT(powerInRange(s, 0, 12), ElementsAre(0.5, 1, 1.5, 0)) << "only what is in the picture counts";
    EXPECT_TRUE(powerInRange(s, 20, 30).empty());
    EXPECT_THAT(powerInRange(s, 13, 15), ElementsAre(0, 0, 2.5, 0)) << "the 9 lies where the end of the text reaches";
    EXPECT_EQ(strongestPeriods(s, powerInRange(s, 11, 13), 0.5), (std::pair{4.0, 4.0}));
    EXPECT_EQ(strongestPeriods(s, powerInRange(s, 11, 13), 0.9), (std::pair{4.0, 8.0}));
    EXPECT_EQ(strongestPeriods(s, powerInRange(s, 11, 13), 1), (std::pair{2.0, 8.0}));
    EXPECT_FALSE(strongestPeriods(s, powerInRange(s, 10, 11), 0.5)) << "no power, no periods";
    EXPECT_THAT(carriers(s, 4, 8, 10, 14, 0.5), ElementsAre(11, 12)) << "5, 6 and 5: of equals the earlier";
    EXPECT_THAT(carriers(s, 16, 16, 10, 15, 0.5), ElementsAre(14));
    s.power[0] = 7;
    EXPECT_THAT(carriers(s, 2, 2, 10, 15, 0.5), ElementsAre(10)) << "the first position, too";
    EXPECT_THAT(carriers(s, 2, 2, 0, 11, 1), ElementsAre(10));
    EXPECT_THAT(carriers(s, 2, 8, 10, 13, 1), ElementsAre(10, 11, 12)) << "not the 5 behind them";
    const double beside[] = {1, 0, 2, 1000};
    EXPECT_EQ(strongestPeriods(s, std::span(beside).first(3), 0.5), (std::pair{8.0, 8.0}));
    EXPECT_EQ(strongestPeriods(s, std::span(beside).first(3), 1), (std::pair{2.0, 8.0}));
    EXPECT_THAT(heaviestTokens(s.signal, 10, 0, 99, 0.5), ElementsAre());
}

TEST(BandBrush, namesTheFewestTokensThatCarryABand)
{
    auto c = std::make_shared<Contribution>();
    c->levels = 1;
    c->positions = 5;
    c->firstPosition = 10;
    c->signal = {1, 2, 3, 4, 0};
    c->power = {4, 1, 0, 4, 1, /**/ 0, 0, 1, 0, 0};
    const BandBrush brush(c);
    EXPECT_THAT(brush.carriers(0, 10, 15, 0.8), ElementsAre(10, 13));
    EXPECT_THAT(brush.carriers(0, 10, 15, 0.81), ElementsAre(10, 11, 13)); // of equals the earlier
    EXPECT_THAT(brush.carriers(0, 11, 13, 1), ElementsAre(11));
    EXPECT_THAT(brush.carriers(1, 0, 100, 1), ElementsAre(12));
    EXPECT_THAT(brush.carriers(-1, 10, 15, 0.7), ElementsAre(12, 13));
}

TEST(PacketBands, areABasisAtLeastAsGoodAsTheLevels)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(waves(128, 5), folder);
    const auto result =
        packetBands(*opened, {.wavelet = "db4", .mode = "periodization", .levels = 4, .signal = SignalKind::ValueNorm}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_LE(result->entropy, result->entropyOfLevels);
    double low = 0, energy = 0;
    for (const auto& node : result->nodes) { // in order of frequency, without a gap
        EXPECT_NEAR(node.low, low, 1e-12);
        low = node.high;
        energy += node.energy;
        EXPECT_EQ(node.magnitude.size(), 128U);
    }
    EXPECT_NEAR(low, 0.5, 1e-12);
    const double whole = std::inner_product(result->signal.begin(), result->signal.end(), result->signal.begin(), 0.0);
    EXPECT_NEAR(energy, whole, 1e-9 * whole); // orthogonal, periodization
    // The wave of 5 tokens per cycle lies in a node around 0.2.
    const auto loudest = std::max_element(result->nodes.begin() + 1, result->nodes.end(),
                                          [](const auto& a, const auto& b) { return a.energy < b.energy; });
    EXPECT_LE(loudest->low, 0.2);
    EXPECT_GE(loudest->high, 0.2);
}

TEST(PacketBands, ofOneSignalAreTheBestBasisOfTheLibrary)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = 40, .sharpness = 2});
    const TemporaryFolder folder;
    const auto result =
        packetBands(*openSynthetic(trace, folder), {.wavelet = "sym3", .levels = 3, .signal = SignalKind::Attention}, {});
    ASSERT_TRUE(result) << result.error().message;
    const auto tree = wavelet::packetTree(result->signal, *wavelet::findWavelet("sym3"), wavelet::Boundary::Symmetric, 3);
    // The energy that shares refer to is that of the signal in both.
    const wavelet::PacketBasis basis = wavelet::bestBasis(*tree);
    EXPECT_NEAR(result->entropy, basis.entropy, 1e-9);
    std::vector<std::string> paths, wanted;
    for (const auto& node : result->nodes)
        paths.push_back(node.path);
    for (const auto node : basis.nodes)
        wanted.push_back(wavelet::packetPath(node));
    EXPECT_THAT(paths, testing::UnorderedElementsAreArray(wanted));
}

TEST(WaveletCatalog, listsFamiliesAndNamesTheNearest)
{
    const auto& families = discreteFamilies();
    ASSERT_EQ(families.size(), 7U);
    EXPECT_EQ(families[1].names.size(), 20U);
    EXPECT_EQ(families[1].names.front(), "db1");
    EXPECT_EQ(waveletFacts("db4")->filterLength, 8);
    EXPECT_EQ(waveletFacts("db4")->vanishingMoments, 4);
    EXPECT_THAT(waveletFacts("db44").error().message, HasSubstr("the nearest is 'db4'"));
    EXPECT_EQ(deepestLevel("haar", 512), 9);
    EXPECT_EQ(deepestLevel("haar", 1), 0);
    EXPECT_EQ(deepestLevel("haar", 0), 0);
    EXPECT_EQ(deepestLevel("haar", -1), 0);
    EXPECT_EQ(deepestLevel("morlet6", 512), 0) << "not a discrete one";
    EXPECT_THAT(*levelsWarning("db4", 9, 512), HasSubstr("more than the 6"));
    EXPECT_EQ(levelsWarning("db4", 6, 512), std::nullopt);
    EXPECT_NEAR(continuousFacts("morlet6")->periodOfScale, 1.033, 1e-3);
    EXPECT_FALSE(continuousFacts("haar"));
    EXPECT_EQ(findTransform("modwt").value(), BandTransform::MaximalOverlap);
    EXPECT_THAT(findTransform("stationery").error().message, HasSubstr("the nearest is 'stationary'"));
    EXPECT_EQ(boundaryModes().size(), 9U);
}

} // namespace
} // namespace winnow
