// SPDX-License-Identifier: GPL-3.0-or-later
// Maps over distance and pictures of one step, held to plain sums over tokens, steps and lanes.
#include "core/analysis/distance_plane.h"
#include "core/analysis/step_rows.h"

#include "core/analysis/kept_share.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using test::Dice;
using testing::ElementsAre;

PolicyReplay randomPolicy(Dice& dice, int layers, int lanes, int tokens)
{
    PolicyReplay policy{.layers = layers, .lanes = lanes, .tokens = tokens, .stepsDone = tokens};
    policy.byRule.sinks = dice.below(4);
    policy.byRule.recent = dice.below(12);
    if (dice.below(4) == 0)
        policy.byRule.from = dice.below(tokens);
    policy.choosesFrom = dice.below(tokens);
    policy.evictStep.assign(static_cast<std::size_t>(layers * lanes * tokens), -1);
    for (std::size_t i = 0; i < policy.evictStep.size(); ++i) {
        const int token = static_cast<int>(i) % tokens, left = token + dice.below(dice.below(3) == 0 ? tokens : 9);
        if (left < tokens)
            policy.evictStep[i] = left;
    }
    return policy;
}

RetentionRaster randomRows(int tokens, Dice& dice)
{
    RetentionRaster rows{0, double(tokens), 0, double(tokens), 1, 1 + dice.below(60)};
    if (dice.below(2) == 0)
        rows.stepBegin = tokens * 0.6 * dice.unit();
    return rows;
}

TEST(DistanceAxis, isLogarithmicWithNowAtTheRightAndEveryDistanceInOneColumn)
{
    const DistanceAxis axis{64, 2048, 300};
    EXPECT_EQ(axis.at(0), 1);
    EXPECT_EQ(axis.at(2048), 0);
    EXPECT_NEAR(axis.at(64), 1 - 1 / std::log2(1 + 2048 / 64.0), 1e-12) << "one unit is one octave";
    EXPECT_NEAR(axis.distanceAt(axis.at(777)), 777, 1e-6);
    EXPECT_EQ(DistanceColumns(axis).first(299), 0);
    const DistanceColumns coarse(DistanceAxis{16, 500, 40});
    for (int column = 1; column < 40; ++column)
        EXPECT_LE(coarse.end(column), std::max(coarse.first(column - 1), coarse.first(column) + 1)) << column;
}

TEST(DistanceAxis, sharesOnALogScaleAreNoneAndAllExactly)
{
    EXPECT_EQ(logShareByte(0), 0);
    EXPECT_EQ(logShareByte(1), 126);
    EXPECT_EQ(logShareByte(0.5), 105);
    EXPECT_EQ(logShareByte(1e-9), 1);
    EXPECT_LT(logShareByte(0.99999), 126);
    for (int all = 1; all < 700; ++all)
        for (int part = 1; part < all; ++part) {
            const double share = double(part) / all;
            ASSERT_EQ(logShareByte(share), std::clamp(std::lround(126 * (1 + std::log2(share) / 6)), 1L, 125L)) << share;
        }
}

TEST(DistancePlane, isTheMeanOverTokensStepsAndLanes)
{
    Dice dice(4);
    for (int round = 0; round < 60; ++round) {
        const int tokens = 2 + dice.below(90);
        const PolicyReplay policy = randomPolicy(dice, 1 + dice.below(2), 1 + dice.below(3), tokens);
        LaneChoice choice = chooseLanes(policy, {}, policy.lanes);
        if (dice.below(3) == 0)
            for (std::size_t i = 0; i < choice.lanes.size(); ++i)
                choice.windows.push_back(dice.below(2) == 0 ? 0 : 1 + dice.below(30));
        const DistanceAxis axis{4, double(tokens), 1 + dice.below(50)};
        const DistanceColumns columns(axis);
        const RetentionRaster rows = randomRows(tokens, dice);
        const RetentionPlane plane = distancePlane(policy, choice, axis, rows);
        for (int row = 0; row < rows.rows; ++row)
            for (int column = 0; column < axis.columns; ++column) {
                double chosen = 0, forced = 0, lanes = 0, read = 0;
                for (int step = rows.firstStep(row); step < rows.endStep(row, tokens); ++step)
                    for (int distance = columns.first(column); distance < columns.end(column); ++distance) {
                        const int token = step - distance;
                        if (token < 0)
                            continue;
                        ++read;
                        for (std::size_t i = 0; i < choice.lanes.size(); ++i) {
                            if (!choice.windows.empty() && choice.windows[i] > 0 && distance >= choice.windows[i] - 1)
                                continue;
                            ++lanes;
                            const int lane = choice.lanes[i];
                            const bool byRule = policy.byRule(token, step) || step < policy.choosesFrom;
                            (byRule ? forced : chosen) += policy.keeps(lane / policy.lanes, lane % policy.lanes, token, step);
                        }
                    }
                const std::uint8_t share = lanes > 0 ? logShareByte((chosen + forced) / lanes) : kOutOfReach;
                const int expected = read == 0 ? kUnborn : lanes > 0 && share > 0 && forced > chosen ? share + kByRule : share;
                ASSERT_EQ(int(plane.bytes[static_cast<std::size_t>(row) * axis.columns + column]), expected)
                    << "case " << round << ", row " << row << ", column " << column;
            }
    }
}

TEST(DistancePlane, theDifferenceIsTheMeanOfWhatOneOrBothKeep)
{
    Dice dice(9);
    for (int round = 0; round < 40; ++round) {
        const int tokens = 2 + dice.below(70), lanes = 1 + dice.below(3);
        const PolicyReplay a = randomPolicy(dice, 1, lanes, tokens), b = randomPolicy(dice, 1, lanes, tokens);
        const LanePairs pairs = pairLanes(a, b, {}, lanes);
        const DistanceAxis axis{4, double(tokens), 1 + dice.below(40)};
        const DistanceColumns columns(axis);
        const RetentionRaster rows = randomRows(tokens, dice);
        const DifferencePlane plane = distanceDifference(a, b, pairs, axis, rows);
        for (int row = 0; row < rows.rows; ++row)
            for (int column = 0; column < axis.columns; ++column) {
                double here = 0, there = 0, both = 0, all = 0;
                for (int step = rows.firstStep(row); step < rows.endStep(row, tokens); ++step)
                    for (int token = std::max(0, step - columns.end(column) + 1); token <= step - columns.first(column); ++token)
                        for (int lane = 0; lane < lanes; ++lane) {
                            const bool mine = a.keeps(0, lane, token, step), theirs = b.keeps(0, lane, token, step);
                            ++all;
                            here += mine && !theirs;
                            there += theirs && !mine;
                            both += mine && theirs;
                        }
                const DifferenceCell cell = plane.cells[static_cast<std::size_t>(row) * axis.columns + column];
                if (all == 0) {
                    ASSERT_EQ(cell, kDifferenceUnborn);
                    continue;
                }
                const DifferenceShares shares = differenceShares(cell);
                ASSERT_NEAR(shares.thisOnly, 15 * here / all, 0.5 + 15 / 30.0) << "case " << round;
                ASSERT_NEAR(shares.referenceOnly, 15 * there / all, 0.5 + 15 / 30.0);
                ASSERT_NEAR(shares.both, 15 * both / all, 0.5 + 15 / 30.0);
            }
    }
}

TEST(StepRows, areTheChosenLanesOrTheirLayersWithSlotsAndBudget)
{
    const auto policy = test::syntheticPolicy(3, {.tokens = 80, .layers = 2, .lanes = 3, .budget = 16});
    const std::vector<Lane> chosen{{0, 2}, {1, 0}, {1, 1}};
    const LaneChoice choice = chooseLanes(*policy, chosen, 3);
    auto lanes = stepRows(*policy, choice, true), layers = stepRows(*policy, choice, false);
    ASSERT_EQ(lanes.size(), 3U);
    EXPECT_EQ(lanes[1].layer, 1);
    EXPECT_EQ(lanes[1].head, 0);
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_EQ(layers[1].head, -1);
    EXPECT_THAT(layers[1].lanes.lanes, ElementsAre(3, 4));
    countSlots(*policy, 7, layers);
    EXPECT_EQ(layers[0].stored, 8) << "nothing had to go yet";
    countSlots(*policy, 70, layers);
    EXPECT_EQ(layers[0].stored, 16);
    EXPECT_EQ(layers[0].budget, 16);
    PolicyReplay divided = *policy;
    divided.budgets = {20, 12, 9, 23}; // revised once
    countSlots(divided, 70, layers);
    EXPECT_EQ(layers[0].budget, 9);
    EXPECT_EQ(layers[1].budget, 23);
    divided.byRule.everything = true;
    countSlots(divided, 70, layers);
    EXPECT_EQ(layers[1].budget, 0) << "no limit";
}

TEST(StepRows, showTheStrongestTokenOfEveryColumn)
{
    Dice dice(2);
    const PolicyReplay a = randomPolicy(dice, 2, 2, 64), b = randomPolicy(dice, 2, 2, 64);
    const auto rows = stepRows(a, chooseLanes(a, {}, 2), false);
    const RetentionRaster raster{5, 60, 0, 1, 20, 1};
    const RetentionPlane plane = stepPlane(a, rows, raster, {}, 50);
    const LanePairs pairs = pairLanes(a, b, {}, 2);
    const DifferencePlane difference = stepDifference(a, b, pairs, rows, raster, {}, 50);
    ASSERT_EQ(plane.raster.rows, 2);
    for (int row = 0; row < 2; ++row)
        for (int column = 0; column < 20; ++column) {
            std::vector<std::uint8_t> bytes(64);
            keptBytes(a, rows[static_cast<std::size_t>(row)].lanes, 50, 0, bytes);
            const std::vector<Lane> own{{row, 0}, {row, 1}};
            const auto cells = differenceCells(a, b, pairLanes(a, b, own, 2), 50, 0, 64);
            const auto from = static_cast<std::size_t>(raster.firstToken(column)),
                       size = static_cast<std::size_t>(raster.endToken(column, 64)) - from;
            EXPECT_EQ(plane.bytes[static_cast<std::size_t>(row * 20 + column)],
                      strongestByte(std::span(bytes).subspan(from, size)));
            EXPECT_EQ(difference.cells[static_cast<std::size_t>(row * 20 + column)],
                      strongestCell(std::span(cells).subspan(from, size)));
        }
    const DistanceAxis axis{4, 51, 12};
    const RetentionPlane far = stepPlane(a, rows, raster, axis, 50);
    std::vector<std::uint8_t> bytes(51);
    keptBytes(a, rows[1].lanes, 50, 0, bytes);
    EXPECT_EQ(std::vector<std::uint8_t>(far.bytes.begin() + 12, far.bytes.end()), bytesByDistance(bytes, 50, axis));
}

/// A sliding window takes its tokens under every policy.
void slide(PolicyReplay& policy, int layer, int window)
{
    for (int lane = layer * policy.lanes; lane < (layer + 1) * policy.lanes; ++lane)
        for (int token = 0; token < policy.tokens; ++token) {
            std::int32_t& left = policy.evictStep[static_cast<std::size_t>(lane * policy.tokens + token)];
            if (const int gone = token + window - 1; gone < policy.tokens && (left < 0 || left > gone))
                left = gone;
        }
}

TEST(StepRows, areRowsOfTheHistory)
{
    Dice dice(3);
    PolicyReplay a = randomPolicy(dice, 2, 3, 64), b = randomPolicy(dice, 2, 3, 64);
    for (const std::vector<int>& windows : {std::vector<int>(), {9, 0}}) {
        if (!windows.empty())
            for (PolicyReplay* one : {&a, &b})
                slide(*one, 0, windows.front());
        for (const int step : {0, 31, 63}) {
            const std::vector<StepRow> all{{.lanes = chooseLanes(a, {}, 3, windows)}};
            const LanePairs pairs = pairLanes(a, b, {}, 3, windows);
            const RetentionRaster raster{2, 60, double(step), double(step) + 1, 20, 1};
            EXPECT_EQ(stepPlane(a, all, raster, {}, step).bytes, retentionPlane(a, all.front().lanes, raster, {}).bytes) << step;
            EXPECT_EQ(stepDifference(a, b, pairs, all, raster, {}, step).cells, differencePlane(a, b, pairs, raster, {}).cells)
                << step;
        }
    }
}

} // namespace
} // namespace winnow
