// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scale_resolution.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

constexpr int kTokens = 300, kHide = 16;

SyntheticTrace smallTrace()
{
    return makeSynthetic({.layers = 1, .queryHeads = 4, .keyHeads = 2, .headDim = 2, .tokens = kTokens, .rotaryDims = 2});
}

/// A replay by one policy in whose lane number `lane` a token stays if `stays(lane, distance from the last step)`.
template <class Stays>
ReplayResult replayOf(const SyntheticTrace& trace, Stays stays)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = *parsePolicySpec("h2o:budget=32");
    policy->layers = 1, policy->lanes = 2, policy->tokens = policy->stepsDone = kTokens, policy->budget = 32;
    std::vector<std::int32_t> left;
    for (int lane = 0; lane < 2; ++lane)
        for (int token = 0; token < kTokens; ++token)
            left.push_back(stays(lane, kTokens - 1 - token) ? -1 : kTokens - 2);
    policy->evictStep = std::move(left);
    return {.tokenIds = trace.info.tokens, .layers = trace.info.layers, .manifest = {}, .policies = {policy}};
}

TEST(ScaleResolution, ofATreeGrowsByALevelPerOctave)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const ReplayResult replay = replayOf(trace, [](int, int distance) {
        int every = 1; // 1 below 16, 2 from 16, 4 from 32, …
        for (int edge = 16; distance >= edge; edge *= 2)
            every *= 2;
        return distance % every == 0;
    });
    const auto r = scaleResolution(*opened, replay, {.levels = 3}, {}, kHide, {});
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(r->step, kTokens - 1);
    ASSERT_EQ(r->policies.size(), 1U);
    const ScaleResolution::Policy& one = r->policies.front();
    ASSERT_GE(r->matrix.octaves, 3);
    ASSERT_EQ(r->matrix.edges.front(), 16);
    for (int octave = 0; octave + 1 < r->matrix.octaves; ++octave) // the last may be cut short
        EXPECT_NEAR(one.level[static_cast<std::size_t>(octave)], octave + 1, 1e-12);
}

TEST(ScaleResolution, isTheMeanOverTheLanesOfTheChosenHeads)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const ReplayResult replay = replayOf(trace, [](int lane, int) { return lane == 0; });
    const auto both = scaleResolution(*opened, replay, {.levels = 3}, {}, kHide, {});
    EXPECT_THAT(both->policies.front().share, Each(0.5));
    EXPECT_THAT(both->policies.front().level, Each(1.0));
    const auto first = scaleResolution(*opened, replay, {.heads = {{0, 1}}, .levels = 3}, {}, kHide, {});
    EXPECT_THAT(first->policies.front().level, Each(0.0));
    const auto second = scaleResolution(*opened, replay, {.heads = {{0, 2}, {0, 3}}, .levels = 3}, {}, kHide, {});
    EXPECT_THAT(second->policies.front().level, Each(std::numeric_limits<double>::infinity()));
}

TEST(ScaleResolution, tellsHowFarTheCacheIsFromTheContributions)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const ReplayResult replay = replayOf(trace, [](int, int) { return true; });
    const auto r = scaleResolution(*opened, replay, {.levels = 3}, {}, kHide, {});
    double sum = 0;
    int octaves = 0;
    for (const double level : r->matrix.meanLevel)
        if (!std::isnan(level)) {
            sum += level; // the cache's is 0
            ++octaves;
        }
    ASSERT_GT(octaves, 0);
    EXPECT_NEAR(r->policies.front().apart, sum / octaves, 1e-12);
}

TEST(ScaleResolution, countsAnOctaveWithoutATokenByItsWidth)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const ReplayResult replay = replayOf(trace, [](int, int) { return false; });
    const auto r = scaleResolution(*opened, replay, {.levels = 3}, {}, kHide, {});
    double sum = 0;
    int octaves = 0;
    for (std::size_t c = 0; c < r->matrix.meanLevel.size(); ++c)
        if (!std::isnan(r->matrix.meanLevel[c])) {
            sum += std::abs(std::log2(r->matrix.edges[c + 1] - r->matrix.edges[c]) - r->matrix.meanLevel[c]);
            ++octaves;
        }
    ASSERT_GT(octaves, 0);
    EXPECT_NEAR(r->policies.front().apart, sum / octaves, 1e-12);
}

TEST(ScaleResolution, figureTakesAsManyLevelsAsTheDistanceNeeds)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const ReplayResult replay = replayOf(trace, [](int, int) { return true; });
    const FigureInputs inputs{.traces = {openSynthetic(trace, folder)}, .replays = {std::make_shared<ReplayResult>(replay)}};
    const auto figure = makeFigure("resolution", inputs, {.hide = 8}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->caption, HasSubstr("open loop, step 299, 4 query heads"));
    const auto& r = figure->numbers.as<ScaleResolution>();
    EXPECT_EQ(r.matrix.levels, levelsForSlope(kTokens, 2, 8));
    // A line for every policy and octave, and one for every level and octave.
    const std::string csv = csvText(figure->numbers.tables(), {});
    EXPECT_THAT(csv, HasSubstr("policy,from,to,kept_share,kept_level,mean_level,levels_apart\n"));
    EXPECT_THAT(csv, HasSubstr("level,from,to,part\n1,8,15,"));
    for (int octave = 0; octave < r.matrix.octaves; ++octave) {
        const auto place = static_cast<std::size_t>(octave);
        EXPECT_THAT(csv,
                    HasSubstr(fmt::format("granularity=kv\",{},{},1,0,", r.matrix.edges[place], r.matrix.edges[place + 1] - 1)))
            << "of an octave that is kept whole every token stays, level 0";
        EXPECT_THAT(csv, HasSubstr(fmt::format("\napproximation,{},", r.matrix.edges[place])));
    }
    EXPECT_THAT(makeFigure("resolution", inputs, {.steps = {10, 20}}, {}).error().message, HasSubstr("2 steps were given"));
    EXPECT_THAT(makeFigure("resolution", {.traces = inputs.traces}, {}, {}).error().message, HasSubstr("replay"));
}

} // namespace
} // namespace winnow
