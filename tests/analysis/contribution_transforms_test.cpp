// SPDX-License-Identifier: GPL-3.0-or-later
// Contributions by transforms without decimation, heads kept apart, differences and means.
#include "core/analysis/wavelet/contribution.h"

#include "tests/support/synthetic_trace.h"
#include "wavelet/stationary.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>

#include <numeric>

namespace winnow {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Pointwise;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

/// The attention of one head: a signal with one channel that the trace's oracle knows in double.
std::vector<double> attentionOf(const SyntheticTrace& trace, int head, int step)
{
    const auto tokens = trace.info.tokens.size();
    const double* row =
        trace.attention[0].data() + (static_cast<std::size_t>(head) * tokens + static_cast<std::size_t>(step)) * tokens;
    return {row, row + step + 1};
}

// Attention rows come from float32: a relative error of some 1e-6 of values below 1.
constexpr double kTolerance = 2e-6;

TEST(ContributionTransforms, maximalOverlapIsTheMultiresolutionOfTheCircle)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = 45, .sharpness = 2});
    const TemporaryFolder folder;
    const ContributionOptions options{
        .wavelet = "db3", .levels = 3, .signal = SignalKind::Attention, .transform = BandTransform::MaximalOverlap};
    const auto result = contribution(*openSynthetic(trace, folder), options, {});
    ASSERT_TRUE(result) << result.error().message;
    const std::vector<double> signal = attentionOf(trace, 0, 44);
    const auto bands = wavelet::modwtMultiresolution(signal, 45, *wavelet::findWavelet("db3"), {.levels = 3});
    for (std::size_t band = 0; band <= 3; ++band)
        for (std::size_t i = 0; i < 45; ++i) {
            const double magnitude = band < 3 ? result->band(static_cast<int>(band))[i] : result->approximation[i];
            EXPECT_NEAR(magnitude, std::abs(bands->band(band)[i]), kTolerance);
            EXPECT_NEAR(result->powerOf(static_cast<int>(band))[i], std::pow(bands->band(band)[i], 2), kTolerance);
        }
    EXPECT_EQ(result->mode, "periodic");
    const double energy = std::inner_product(signal.begin(), signal.end(), signal.begin(), 0.0);
    EXPECT_NEAR(std::accumulate(result->energy.begin(), result->energy.end(), 0.0), energy, 1e-5);
}

TEST(ContributionTransforms, stationaryBandsDoNotFeelTheOtherEnd)
{
    // The same ends of a longer signal: with mirrored edges the newest positions do not depend on how the oldest look.
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = 90, .sharpness = 2});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    ContributionOptions options{
        .wavelet = "db2", .levels = 2, .signal = SignalKind::Attention, .transform = BandTransform::Stationary};
    const auto whole = contribution(*opened, options, {});
    options.window = 60;
    const auto late = contribution(*opened, options, {});
    ASSERT_TRUE(whole && late);
    for (int level = 0; level < 2; ++level) // support 2^2 · 3 = 12 from the older end
        for (int i = 12; i < 60; ++i)
            EXPECT_NEAR(late->band(level)[static_cast<std::size_t>(i)], whole->band(level)[static_cast<std::size_t>(i + 30)],
                        1e-12);
    EXPECT_EQ(late->mode, "symmetric");
    // And they add up to the signal: one head, one channel, so magnitudes hide only signs; the power of a sum shows it.
    const std::vector<double> signal = attentionOf(trace, 0, 89);
    EXPECT_THAT(whole->signal, Pointwise(DoubleNear(kTolerance), signal));
}

TEST(ContributionTransforms, everySignalKindHasBands)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .tokens = 33});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    for (const SignalInfo& info : signalCatalog())
        for (const auto transform : {BandTransform::Decimated, BandTransform::Stationary, BandTransform::MaximalOverlap}) {
            const auto result = contribution(
                *opened, {.steps = {32, 20}, .wavelet = "sym4", .levels = 2, .signal = info.kind, .transform = transform}, {});
            ASSERT_TRUE(result) << result.error().message;
            EXPECT_EQ(result->positions, 21);
            EXPECT_EQ(result->signalKind, info.kind);
            EXPECT_EQ(result->transform, transform);
            EXPECT_GT(*std::max_element(result->bands.begin(), result->bands.end()), 0) << info.name;
        }
}

TEST(ContributionTransforms, refuseWhatHasNoLevels)
{
    const TemporaryFolder folder;
    const auto result = contribution(*openSynthetic(makeSynthetic({}), folder), {.transform = BandTransform::Continuous}, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("choose dwt, stationary or modwt"));
}

TEST(ContributionTransforms, warnOfMoreLevelsThanTheTextHolds)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.tokens = 20}), folder);
    const auto tooMany = contribution(*opened, {.levels = 5}, {});
    ASSERT_TRUE(tooMany);
    EXPECT_THAT(tooMany->note, HasSubstr("5 levels are more than the 4 that 20 samples hold with haar"));
    EXPECT_EQ(contribution(*opened, {.levels = 4}, {})->note, "");
}

TEST(ContributionTransforms, takeTextsOfOneAndTwoTokens)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.tokens = 2}), folder);
    for (const char* wavelet : {"haar", "db4", "bior2.2", "dmey"})
        for (const auto transform : {BandTransform::Decimated, BandTransform::Stationary, BandTransform::MaximalOverlap})
            for (const int step : {0, 1}) {
                const auto result =
                    contribution(*opened, {.steps = {step}, .wavelet = wavelet, .levels = 2, .transform = transform}, {});
                ASSERT_TRUE(result) << result.error().message;
                EXPECT_EQ(result->positions, step + 1);
                for (const double value : result->bands)
                    EXPECT_TRUE(std::isfinite(value));
            }
}

TEST(ContributionPerHead, averagesToTheWhole)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 3, .tokens = 40}), folder);
    const ContributionOptions options{.steps = {39, 30}, .levels = 3};
    const auto whole = contribution(*opened, options, {});
    const auto apart = contributionPerHead(*opened, options, {});
    ASSERT_TRUE(whole && apart);
    ASSERT_EQ(apart->size(), 12U);
    EXPECT_TRUE(std::is_sorted(apart->begin(), apart->end(), [](const auto& a, const auto& b) { return a.head < b.head; }));
    ContributionMean mean;
    for (const HeadContribution& one : *apart)
        mean.add(one.contribution);
    EXPECT_EQ(mean.count(), 12);
    EXPECT_THAT(mean.mean().bands, Pointwise(DoubleNear(1e-14), whole->bands));
    EXPECT_THAT(mean.mean().power, Pointwise(DoubleNear(1e-14), whole->power));
    EXPECT_THAT(mean.mean().energy, Pointwise(DoubleNear(1e-12), whole->energy));
    const auto alone = contribution(*opened, {.heads = {{1, 2}}, .steps = {39, 30}, .levels = 3}, {});
    EXPECT_EQ(apart->at(6).head, (QueryHead{1, 2}));
    EXPECT_EQ(apart->at(6).contribution.bands, alone->bands);
}

TEST(ContributionMean, cropsToTheShortestAtTheNewestPosition)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 40}), folder);
    const auto longer = contribution(*opened, {.steps = {39}, .levels = 2}, {}),
               shorter = contribution(*opened, {.steps = {19}, .levels = 2}, {});
    ContributionMean mean;
    mean.add(*longer);
    mean.add(*shorter);
    const Contribution result = mean.mean();
    EXPECT_EQ(result.positions, 20);
    EXPECT_EQ(result.recordings, 2);
    for (int i = 0; i < 20; ++i) {
        EXPECT_NEAR(result.band(1)[static_cast<std::size_t>(i)],
                    (longer->band(1)[static_cast<std::size_t>(i) + 20] + shorter->band(1)[static_cast<std::size_t>(i)]) / 2,
                    1e-15);
        EXPECT_NEAR(result.powerOf(2)[static_cast<std::size_t>(i)],
                    (longer->powerOf(2)[static_cast<std::size_t>(i) + 20] + shorter->powerOf(2)[static_cast<std::size_t>(i)]) / 2,
                    1e-15);
    }
}

TEST(DifferenceOf, isOneMinusTheOther)
{
    const TemporaryFolder folder;
    const auto opened = openSynthetic(makeSynthetic({.layers = 1, .tokens = 40}), folder);
    const auto a = contribution(*opened, {.heads = {{0, 0}}, .steps = {39}, .levels = 2}, {});
    const auto b = contribution(*opened, {.heads = {{0, 3}}, .steps = {29}, .levels = 2}, {});
    const auto difference = differenceOf(*a, *b);
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->positions, 30);
    EXPECT_EQ(difference->firstPosition, 10);
    for (std::size_t i = 0; i < 30; ++i)
        EXPECT_EQ(difference->signal[i], a->signal[i + 10] - b->signal[i]);
    EXPECT_THAT(differenceOf(*a, *contribution(*opened, {.levels = 3}, {})).error().message,
                HasSubstr("choose the same number for both"));
}

} // namespace
} // namespace winnow
