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

/// The energy of the attention of head 0 at the last step.
double energyOf(const SyntheticTrace& trace, int step)
{
    const std::vector<double> signal = attentionOf(trace, 0, step);
    return std::inner_product(signal.begin(), signal.end(), signal.begin(), 0.0);
}

TEST(ContributionTransforms, haveEnergiesThatAddUpToTheSignal)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = 75, .sharpness = 2});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const double wanted = energyOf(trace, 74);
    for (const auto transform : {BandTransform::Decimated, BandTransform::Stationary, BandTransform::MaximalOverlap})
        for (const std::string_view mode : boundaryModes())
            for (const char* wavelet : {"haar", "db4", "bior2.2"}) {
                const auto result = contribution(*opened,
                                                 {.wavelet = wavelet,
                                                  .mode = std::string(mode),
                                                  .levels = 4,
                                                  .signal = SignalKind::Attention,
                                                  .transform = transform},
                                                 {});
                ASSERT_TRUE(result) << result.error().message;
                EXPECT_NEAR(std::accumulate(result->energy.begin(), result->energy.end(), 0.0), wanted, 1e-5 * wanted)
                    << transformInfo(transform).name << ' ' << mode << ' ' << wavelet;
                EXPECT_EQ(result->edge.size(), result->energy.size());
            }
}

/// A single token: values of one channel, 1 at `place` and 0 elsewhere, under uniform attention.
std::vector<double> sharesOfImpulse(int place, BandTransform transform, const char* wavelet, std::vector<double>* edge = nullptr)
{
    SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 1, .tokens = 64, .rotaryDims = 0});
    std::fill(trace.q[0].begin(), trace.q[0].end(), 0.F);
    std::fill(trace.v[0].begin(), trace.v[0].end(), 0.F);
    trace.v[0][static_cast<std::size_t>(place)] = 64;
    attend(trace, 0);
    const TemporaryFolder folder;
    const auto result =
        contribution(*openSynthetic(trace, folder), {.wavelet = wavelet, .levels = 3, .transform = transform}, {});
    EXPECT_TRUE(result) << result.error().message;
    if (edge)
        *edge = result->edge;
    return result->energy;
}

TEST(ContributionTransforms, giveAnImpulseItsSharesWhereverItStands)
{
    const auto sum = [](const std::vector<double>& energies) { return std::accumulate(energies.begin(), energies.end(), 0.0); };
    for (const auto transform : {BandTransform::Decimated, BandTransform::Stationary, BandTransform::MaximalOverlap})
        for (const int place : {0, 31, 63})
            EXPECT_NEAR(sum(sharesOfImpulse(place, transform, "db4")), 1, 1e-6) << transformInfo(transform).name << ' ' << place;
    // In the middle of the text an impulse has the same shares under both transforms that move with it.
    const std::vector<double> middle = sharesOfImpulse(31, BandTransform::Stationary, "haar");
    EXPECT_THAT(middle, Pointwise(DoubleNear(1e-6), sharesOfImpulse(31, BandTransform::MaximalOverlap, "haar")));
    EXPECT_THAT(middle, Pointwise(DoubleNear(1e-6), std::vector{0.5, 0.25, 0.125, 0.125}));
    std::vector<double> far, near;
    sharesOfImpulse(31, BandTransform::Stationary, "haar", &far);
    sharesOfImpulse(63, BandTransform::Stationary, "haar", &near);
    EXPECT_THAT(far, testing::Each(0.0)) << "nothing of it is near the ends";
    EXPECT_NEAR(sum(near), 1, 1e-6) << "all of it is";
}

/// The obvious way: the signal continued so far that nothing comes around, and the circle of that.
TEST(ContributionTransforms, stationaryLevelsBeyondTheLargestAreThoseOfTheMode)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .tokens = 20, .sharpness = 2});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const std::vector<double> signal = attentionOf(trace, 0, 19);
    for (const char* mode : {"symmetric", "zero", "constant", "reflect", "antisymmetric"}) {
        constexpr int kLevels = 6;
        const auto result = contribution(*opened,
                                         {.wavelet = "db2",
                                          .mode = mode,
                                          .levels = kLevels,
                                          .signal = SignalKind::Attention,
                                          .transform = BandTransform::Stationary},
                                         {});
        ASSERT_TRUE(result) << result.error().message;
        constexpr std::size_t kMargin = 2000; // the coarsest band reaches 63 · 3
        const std::vector<double> longer = wavelet::extended(signal, kMargin, *wavelet::findBoundary(mode));
        const auto bands =
            wavelet::modwtMultiresolution(longer, longer.size(), *wavelet::findWavelet("db2"), {.levels = kLevels});
        for (int band = 0; band <= kLevels; ++band)
            for (std::size_t i = 0; i < 20; ++i)
                EXPECT_NEAR(result->powerOf(band)[i], std::pow(bands->band(static_cast<std::size_t>(band))[kMargin + i], 2),
                            kTolerance)
                    << mode << ' ' << band << ' ' << i;
    }
    const auto refused = contribution(*opened, {.wavelet = "db4", .levels = 20, .transform = BandTransform::Stationary}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Usage);
    EXPECT_THAT(refused.error().message, HasSubstr("choose at most 15 levels"));
}

TEST(ContributionTransforms, takeTheMeanAwayWhereAsked)
{
    SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 2, .tokens = 32, .rotaryDims = 0});
    std::fill(trace.q[0].begin(), trace.q[0].end(), 0.F);
    for (int i = 0; i < 32; ++i) {
        trace.v[0][static_cast<std::size_t>(2 * i)] = 5;                                 // constant
        trace.v[0][static_cast<std::size_t>(2 * i + 1)] = static_cast<float>(3 - 2 * i); // a line
    }
    attend(trace, 0);
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const auto energy = [&](Detrend detrend) {
        const auto result = contribution(*opened, {.mode = "zero", .levels = 2, .detrend = detrend}, {});
        EXPECT_EQ(result->detrend, detrend);
        return std::accumulate(result->energy.begin(), result->energy.end(), 0.0);
    };
    // 32 values 5 / 32, and 2 · (i − 15.5) / 32 around their mean.
    EXPECT_NEAR(energy(Detrend::Mean), 32 * (32 * 32 - 1) / 12.0 * 4 / (32 * 32), 1e-4);
    EXPECT_NEAR(energy(Detrend::Line), 0, 1e-9);
    EXPECT_GT(energy(Detrend::None), energy(Detrend::Mean) + 0.5);
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
    ASSERT_TRUE(whole);
    std::vector<HeadContribution> apart;
    ASSERT_TRUE(forEachHead(*opened, options, {}, [&](const HeadContribution& one) { apart.push_back(one); }));
    ASSERT_EQ(apart.size(), 12U);
    EXPECT_TRUE(std::is_sorted(apart.begin(), apart.end(), [](const auto& a, const auto& b) { return a.head < b.head; }));
    ContributionMean mean;
    for (const HeadContribution& one : apart) {
        mean.add(one.contribution);
        EXPECT_TRUE(one.contribution.manifest.empty()) << "the trace's is the same for all";
    }
    EXPECT_EQ(mean.count(), 12);
    EXPECT_EQ(whole->manifest.at("model"), "synthetic");
    EXPECT_THAT(mean.mean().bands, Pointwise(DoubleNear(1e-14), whole->bands));
    EXPECT_THAT(mean.mean().power, Pointwise(DoubleNear(1e-14), whole->power));
    EXPECT_THAT(mean.mean().energy, Pointwise(DoubleNear(1e-12), whole->energy));
    const auto alone = contribution(*opened, {.heads = {{1, 2}}, .steps = {39, 30}, .levels = 3}, {});
    EXPECT_EQ(apart.at(6).head, (QueryHead{1, 2}));
    EXPECT_EQ(apart.at(6).contribution.bands, alone->bands);
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
