// SPDX-License-Identifier: GPL-3.0-or-later
// Slopes of every head and of all together, and whether their intervals hold what they say.
#include "core/analysis/wavelet/head_slopes.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/made_signals.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;
using namespace testing_support;

/// Slopes of one recording of 1,024 tokens whose head h is a tree where `isTree`, else noise, `loud` times as high.
HeadSlopes slopesOfMade(unsigned seed, int heads, const std::function<bool(int)>& isTree, double loudTree = 1)
{
    SeededNormal random(seed);
    const SyntheticTrace trace = traceOfValues(1, heads, 8, 1024, [&](int, int head, std::vector<double>& values) {
        if (!isTree(head))
            return fillNoise(random, values);
        fillTree(random, 8, 12, values);
        for (double& value : values)
            value *= loudTree;
    });
    const auto slopes = headSlopes(*inMemory(trace), slopeOptions(), kHiddenPositions, {});
    EXPECT_TRUE(slopes) << slopes.error().message;
    return *slopes;
}

TEST(HeadSlopes, areThoseOfEveryHeadAlone)
{
    const auto trace = makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 2, .tokens = 300, .rotaryDims = 2});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const auto slopes = headSlopes(*opened, {.levels = 3}, 16, {});
    ASSERT_TRUE(slopes) << slopes.error().message;
    ASSERT_EQ(slopes->heads.size(), 8U);
    std::vector<double> meanPart(4, 0);
    for (const HeadSlope& one : slopes->heads) {
        const auto alone = contribution(*opened, {.heads = {one.head}, .levels = 3}, {});
        const ScaleMatrix matrix = scaleMatrix(*alone, 16);
        EXPECT_NEAR(one.fit.slope, matrix.fit.slope, 1e-9);
        for (std::size_t band = 0; band < meanPart.size(); ++band)
            meanPart[band] += matrix.partOverAll[band] / 8;
        EXPECT_EQ(slopes->find(one.head), &one.fit);
    }
    EXPECT_THAT(slopes->matrix.partOverAll, testing::Pointwise(testing::DoubleNear(1e-9), meanPart)) << "heads count alike";
    EXPECT_EQ(slopes->find({2, 0}), nullptr);
    const auto all = contribution(*opened, {.levels = 3}, {});
    EXPECT_EQ(slopes->all.heads, 8);
    for (std::size_t i = 0; i < all->power.size(); ++i)
        EXPECT_NEAR(slopes->all.power[i], all->power[i], 1e-12);
    EXPECT_NEAR(slopes->byEnergy.fit.slope, scaleMatrix(*all, 16).fit.slope, 1e-9);
}

TEST(HeadSlopes, letEveryHeadCountAlike)
{
    const HeadSlopes slopes = slopesOfMade(
        3, 8, [](int head) { return head == 0; }, 100);
    double mean = 0;
    for (const HeadSlope& one : slopes.heads)
        mean += one.fit.slope / 8;
    EXPECT_NEAR(slopes.heads[0].fit.slope, 1, 0.2);
    EXPECT_GT(slopes.byEnergy.fit.slope, 0.7) << "one loud tree among seven heads of noise";
    EXPECT_LT(slopes.matrix.fit.slope, 0.3);
    EXPECT_NEAR(slopes.matrix.fit.slope, mean, 0.1);
    EXPECT_LT(slopes.interval.low, slopes.matrix.fit.slope);
    EXPECT_GT(slopes.interval.high, slopes.matrix.fit.slope);
}

TEST(HeadSlopes, haveIntervalsThatHoldTheTruth)
{
    constexpr int kSeeds = 40;
    for (const bool tree : {true, false}) {
        int held = 0;
        for (unsigned seed = 0; seed < kSeeds; ++seed) {
            const HeadSlopes slopes = slopesOfMade(seed + (tree ? 1000 : 2000), 8, [&](int) { return tree; });
            const double truth = tree ? 1 : 0;
            held += slopes.interval.low <= truth && truth <= slopes.interval.high ? 1 : 0;
        }
        RecordProperty(tree ? "trees" : "noise", held);
        EXPECT_GE(held, 36) << (tree ? "trees" : "noise") << ": less than 90 % of 95 % intervals";
        EXPECT_LE(held, 39) << (tree ? "trees" : "noise") << ": more than 99 % of 95 % intervals";
    }
}

TEST(HeadSlopes, haveNoIntervalWithoutAnythingToDrawFrom)
{
    const HeadSlopes slopes = slopesOfMade(5, 1, [](int) { return false; });
    EXPECT_TRUE(std::isnan(slopes.interval.low));
    EXPECT_TRUE(std::isnan(slopes.heads[0].interval.low)) << "one recording";
}

TEST(HeadSlopes, drawTexts)
{
    HeadSlopeSum sum(kHiddenPositions);
    for (unsigned seed = 0; seed < 6; ++seed) {
        SeededNormal random(seed);
        const SyntheticTrace trace =
            traceOfValues(1, 2, 4, 512, [&](int, int, std::vector<double>& values) { fillNoise(random, values); });
        const auto added = sum.add(*inMemory(trace), slopeOptions(), {});
        ASSERT_TRUE(added) << added.error().message;
    }
    const HeadSlopes slopes = sum.finish();
    EXPECT_EQ(slopes.all.recordings, 6);
    for (const HeadSlope& one : slopes.heads) {
        EXPECT_LT(one.interval.low, one.fit.slope);
        EXPECT_LT(one.fit.slope, one.interval.high);
        EXPECT_LT(one.interval.high - one.interval.low, 1);
    }
    const SyntheticTrace shorter =
        traceOfValues(1, 2, 4, 400, [&](int, int, std::vector<double>& values) { values.assign(values.size(), 1); });
    const auto refused = sum.add(*inMemory(shorter), slopeOptions(), {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("gives 400 positions and the recordings before it 512"));
}

TEST(HeadSlopes, haveIntervalsOfTheirOwn)
{
    HeadSlopeSum sum(kHiddenPositions);
    for (unsigned text = 0; text < 5; ++text) {
        const SyntheticTrace trace = traceOfValues(1, 2, 4, 512, [&](int, int head, std::vector<double>& values) {
            SeededNormal random(head == 0 ? 1 : 100 + text); // the first head says the same in every text
            fillNoise(random, values);
        });
        ASSERT_TRUE(sum.add(*inMemory(trace), slopeOptions(), {}));
    }
    const HeadSlopes slopes = sum.finish();
    EXPECT_NEAR(slopes.heads[0].interval.high - slopes.heads[0].interval.low, 0, 1e-9);
    EXPECT_GT(slopes.heads[1].interval.high - slopes.heads[1].interval.low, 0.01);
}

/// Of one text the heads are drawn: the interval is Student's about the mean of their slopes, but for the luck of 1,000 samples.
TEST(HeadSlopes, intervalOfOneTextIsThatOfAMeanOverHeads)
{
    constexpr int kHeads = 8;
    const HeadSlopes slopes = slopesOfMade(12, kHeads, [](int head) { return head % 2 == 0; });
    double mean = 0, square = 0;
    for (const HeadSlope& one : slopes.heads)
        mean += one.fit.slope / kHeads;
    for (const HeadSlope& one : slopes.heads)
        square += (one.fit.slope - mean) * (one.fit.slope - mean) / (kHeads - 1);
    const double half = studentQuantile(kHeads - 1) * std::sqrt(square / kHeads);
    EXPECT_NEAR((slopes.interval.high - slopes.interval.low) / 2, half, 0.1 * half);
}

/// The figure of several given recordings looks as far back as the shortest reaches; those of other heads are refused.
TEST(HeadSlopes, ofOtherModelsAreNotAveraged)
{
    const auto noise = [](int, int, std::vector<double>& values) {
        SeededNormal random(1);
        fillNoise(random, values);
    };
    const auto first = inMemory(traceOfValues(1, 4, 2, 300, noise));
    const auto shorter = inMemory(traceOfValues(1, 4, 2, 260, noise));
    const auto other = inMemory(traceOfValues(1, 8, 2, 300, noise));
    const auto figure = makeFigure("scale-slope", {.traces = {first, shorter}}, {.hide = 8}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_EQ(figure->numbers.as<HeadSlopes>().all.positions, 260);
    EXPECT_THAT(figure->caption, HasSubstr("mean of 2 recordings"));
    EXPECT_THAT(figure->caption, HasSubstr("modwt transform"));
    for (const char* name : {"scale-slope", "treekv-2", "wavelet"}) {
        const auto refused = makeFigure(name, {.traces = {first, other}}, {}, {});
        ASSERT_FALSE(refused) << name;
        EXPECT_THAT(refused.error().message, HasSubstr("layer 0 has 8 query heads and 8 KV heads in"));
        const auto narrow = makeFigure(name, {.traces = {first, inMemory(traceOfValues(1, 4, 3, 300, noise))}}, {}, {});
        ASSERT_FALSE(narrow) << name;
        EXPECT_THAT(narrow.error().message, HasSubstr("the heads of layer 0 have 3 numbers in"));
    }
    SyntheticTrace ours = traceOfValues(1, 4, 2, 300, noise), theirs = ours;
    ours.info.manifest["model_hash"] = "1";
    theirs.info.manifest["model_hash"] = "2";
    const auto refused = makeFigure("wavelet", {.traces = {inMemory(ours), inMemory(theirs)}}, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("was recorded with other weights than"));
    EXPECT_TRUE(makeFigure("wavelet", {.traces = {inMemory(ours), inMemory(ours), first}}, {}, {})) << "unknown is no difference";
}

TEST(HeadSlopes, needTwoOctaves)
{
    SeededNormal random(7);
    const auto recording =
        inMemory(traceOfValues(1, 2, 8, 300, [&](int, int, std::vector<double>& values) { fillNoise(random, values); }));
    const auto caption = [&](int hide) {
        const auto figure = makeFigure("scale-slope", {.traces = {recording}}, {.hide = hide}, {});
        return figure ? figure->caption : figure.error().message;
    };
    EXPECT_THAT(caption(100), testing::AllOf(HasSubstr("; 3 levels; "), HasSubstr("slope −0.20 levels per octave"),
                                             HasSubstr("95 % over heads"), testing::Not(HasSubstr("octaves −"))));
    EXPECT_THAT(caption(140), HasSubstr("too short for a slope (1 octave)"));
    EXPECT_THAT(caption(148), testing::AllOf(HasSubstr("; 1 level; "), HasSubstr("too short for a slope (0 octaves)")));
}

} // namespace
} // namespace winnow
