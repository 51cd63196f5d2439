// SPDX-License-Identifier: GPL-3.0-or-later
// The retention kernel against the definition, cell by cell and lane by lane.
#include "core/analysis/retention.h"

#include "core/analysis/kept_share.h"

#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <stop_token>

namespace winnow {
namespace {

using test::Dice;

/// The definition: every token of the pixel, at the row's first step or at its birth; the largest share, choice before rule.
std::uint8_t slowCell(const PolicyReplay& policy, const LaneChoice& choice, const RetentionRaster& raster, int column, int row)
{
    int best = -1; // −1 not read, 0 out of reach, else 1 + 2 · share + by choice
    for (int token = std::max(0, raster.firstToken(column)); token < raster.endToken(column, policy.tokens); ++token) {
        if (token >= raster.endStep(row, policy.tokens))
            continue;
        const int step = std::max(raster.firstStep(row), token);
        int kept = 0, inReach = 0;
        for (std::size_t i = 0; i < choice.lanes.size(); ++i) {
            const int window = choice.windows.empty() ? 0 : choice.windows[i];
            if (window > 0 && step - token >= window - 1)
                continue;
            ++inReach;
            kept += policy.keeps(choice.lanes[i] / policy.lanes, choice.lanes[i] % policy.lanes, token, step);
        }
        const bool byRule = policy.byRule(token, step) || step < policy.choosesFrom;
        best = std::max(best, inReach == 0 ? 0 : 1 + 2 * shareByte(kept, inReach) + (byRule ? 0 : 1));
    }
    if (best < 0)
        return kUnborn;
    if (best == 0)
        return kOutOfReach;
    const int share = (best - 1) / 2;
    return static_cast<std::uint8_t>(share + (share > 0 && best % 2 == 1 ? kByRule : 0));
}

PolicyReplay randomPolicy(Dice& dice)
{
    PolicyReplay policy;
    policy.layers = 1 + dice.below(3);
    policy.lanes = 1 + dice.below(4);
    policy.tokens = policy.stepsDone = 1 + dice.below(150);
    if (dice.below(3) > 0)
        policy.byRule.sinks = dice.below(6);
    if (dice.below(3) > 0)
        policy.byRule.recent = dice.below(30);
    if (dice.below(4) == 0)
        policy.byRule.from = dice.below(policy.tokens);
    policy.byRule.everything = dice.below(10) == 0;
    policy.choosesFrom = dice.below(3) == 0 ? std::numeric_limits<std::int32_t>::max() : dice.below(policy.tokens);
    policy.evictStep.assign(static_cast<std::size_t>(policy.layers * policy.lanes * policy.tokens), -1);
    for (std::size_t i = 0; i < policy.evictStep.size(); ++i) {
        const int token = static_cast<int>(i) % policy.tokens;
        const int life = dice.below(4) == 0 ? dice.below(policy.tokens) : dice.below(12);
        if (dice.below(5) != 0 && token + life < policy.tokens)
            policy.evictStep[i] = token + life;
    }
    return policy;
}

LaneChoice randomChoice(const PolicyReplay& policy, Dice& dice)
{
    LaneChoice choice;
    for (int lane = 0; lane < policy.layers * policy.lanes; ++lane)
        if (dice.below(3) > 0)
            choice.lanes.push_back(lane);
    if (choice.lanes.empty())
        choice.lanes.push_back(0);
    if (dice.below(3) == 0)
        for (std::size_t i = 0; i < choice.lanes.size(); ++i)
            choice.windows.push_back(dice.below(2) == 0 ? 0 : 1 + dice.below(40));
    return choice;
}

RetentionRaster randomRaster(int tokens, Dice& dice)
{
    RetentionRaster raster{
        0, static_cast<double>(tokens), 0, static_cast<double>(tokens), 1 + dice.below(90), 1 + dice.below(70)};
    if (dice.below(2) == 0) { // zoomed, at fractional places
        raster.tokenBegin = tokens * 0.9 * dice.unit();
        raster.tokenEnd = raster.tokenBegin + (tokens - raster.tokenBegin) * (0.05 + 0.95 * dice.unit());
        raster.stepBegin = tokens * 0.9 * dice.unit();
        raster.stepEnd = raster.stepBegin + (tokens - raster.stepBegin) * (0.05 + 0.95 * dice.unit());
    }
    return raster;
}

TEST(RetentionKernel, equalsTheDefinitionIn400RandomCases)
{
    Dice dice(20240917);
    for (int round = 0; round < 400; ++round) {
        const PolicyReplay policy = randomPolicy(dice);
        const LaneChoice choice = randomChoice(policy, dice);
        const RetentionRaster raster = randomRaster(policy.tokens, dice);
        const RetentionPlane plane = retentionPlane(policy, choice, raster);
        for (int row = 0; row < raster.rows; ++row)
            for (int column = 0; column < raster.columns; ++column)
                ASSERT_EQ(static_cast<int>(plane.bytes[static_cast<std::size_t>(row) * raster.columns + column]),
                          static_cast<int>(slowCell(policy, choice, raster, column, row)))
                    << "case " << round << ", column " << column << ", row " << row << ", tokens " << policy.tokens;
    }
}

TEST(RetentionKernel, zoomedInEveryPixelIsTheStoredRule)
{
    const auto policy = test::syntheticPolicy(1, {.tokens = 96, .layers = 1, .lanes = 1, .budget = 16});
    const RetentionRaster raster{40, 60, 50, 70, 60, 40};
    const RetentionPlane plane = retentionPlane(*policy, {.lanes = {0}}, raster);
    for (int row = 0; row < 40; ++row)
        for (int column = 0; column < 60; ++column) {
            const int token = 40 + column / 3, step = 50 + row / 2;
            const std::uint8_t byte = plane.bytes[static_cast<std::size_t>(row) * 60 + column];
            if (token > step)
                EXPECT_EQ(byte, kUnborn);
            else
                EXPECT_EQ(byte == 126 || byte == 126 + kByRule, policy->keeps(0, 0, token, step)) << token << " " << step;
        }
}

TEST(RetentionKernel, sinksShowAtEveryZoomInTheGutterRaster)
{
    const auto policy = test::syntheticPolicy(0, {.tokens = 2048, .layers = 3, .lanes = 1, .budget = 128});
    const RetentionPlane gutter = retentionPlane(*policy, {.lanes = {0, 1, 2}}, {0, 4, 0, 2048, 4, 203});
    for (std::size_t i = 0; i < gutter.bytes.size(); ++i)
        EXPECT_EQ(gutter.bytes[i], 126 + kByRule) << i;
}

TEST(RetentionKernel, aWindowedLaneBeyondItsReachIsNoneAndDoesNotCount)
{
    PolicyReplay policy;
    policy.layers = 2;
    policy.lanes = 1;
    policy.tokens = policy.stepsDone = 10;
    policy.choosesFrom = 0;
    policy.evictStep.assign(20, -1);
    for (int token = 0; token < 10; ++token)
        policy.evictStep[static_cast<std::size_t>(token)] = token + 3; // W = 4 drops it by itself
    const RetentionRaster raster{0, 10, 0, 10, 10, 10};
    const RetentionPlane both = retentionPlane(policy, {.lanes = {0, 1}, .windows = {4, 0}}, raster);
    EXPECT_EQ(both.bytes[9 * 10 + 0], 126) << "the other lane alone still holds token 0";
    const RetentionPlane windowed = retentionPlane(policy, {.lanes = {0}, .windows = {4}}, raster);
    EXPECT_EQ(windowed.bytes[2 * 10 + 0], 126);
    EXPECT_EQ(windowed.bytes[3 * 10 + 0], kOutOfReach);
}

TEST(RetentionKernel, showsNothingWhereThereIsNoLaneOrNoToken)
{
    const auto policy = test::syntheticPolicy(1, {.tokens = 96, .layers = 1, .lanes = 1, .budget = 16});
    EXPECT_THAT(retentionPlane(*policy, {.lanes = {}}, {0, 96, 0, 96, 8, 8}).bytes, testing::Each(kUnborn));
    EXPECT_THAT(retentionPlane(*policy, {.lanes = {0}}, {96, 120, 0, 96, 8, 8}).bytes, testing::Each(kUnborn));
}

TEST(StrongestByte, isTheLargestShareAndOfEqualsTheChosenOne)
{
    for (const auto& [weaker, stronger] : {std::pair<int, int>{kUnborn, kOutOfReach},
                                           {kOutOfReach, 0},
                                           {0, 1 + kByRule},
                                           {5 + kByRule, 5},
                                           {5, 6 + kByRule},
                                           {126 + kByRule, 126}}) {
        const std::uint8_t one[] = {static_cast<std::uint8_t>(weaker), static_cast<std::uint8_t>(stronger)};
        const std::uint8_t other[] = {one[1], one[0]};
        EXPECT_EQ(strongestByte(one), stronger);
        EXPECT_EQ(strongestByte(other), stronger);
    }
    EXPECT_EQ(strongestByte({}), kUnborn);
}

TEST(RetentionKernel, stopsWhenAskedTo)
{
    std::stop_source stop;
    stop.request_stop();
    const auto policy = test::syntheticPolicy(0, {});
    EXPECT_TRUE(retentionPlane(*policy, {.lanes = {0}}, {0, 256, 0, 256, 10, 10}, JobContext(stop.get_token())).bytes.empty());
}

TEST(ShareByte, isZeroForNoneAndFullForAllOnly)
{
    for (int lanes = 1; lanes <= 1000; ++lanes)
        for (int kept = 0; kept <= lanes; ++kept) {
            EXPECT_EQ(shareByte(kept, lanes) == 0, kept == 0);
            EXPECT_EQ(shareByte(kept, lanes) == 126, kept == lanes);
            EXPECT_NEAR(shareByte(kept, lanes), 126.0 * kept / lanes, 1);
        }
}

} // namespace
} // namespace winnow
