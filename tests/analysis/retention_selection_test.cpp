// SPDX-License-Identifier: GPL-3.0-or-later
// Selections in pictures: what steps attend to, held to the plain query.
#include "core/analysis/kept_share.h"
#include "core/analysis/overlap.h"
#include "core/analysis/retention.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <random>

namespace winnow {
namespace {

constexpr int kTokens = 23, kLanes = 3, kPage = 4;

/// Pages drawn by lot; everything is read before step 6.
PolicyReplay selection()
{
    PolicyReplay policy{.layers = 1, .lanes = kLanes, .tokens = kTokens, .stepsDone = kTokens};
    policy.evictStep.assign(kLanes * kTokens, -1);
    policy.pageTokens = kPage;
    policy.choosesFrom = 6;
    policy.read.assign(static_cast<std::size_t>(kLanes * kTokens * policy.pageBytes()), 0);
    std::mt19937 random(5);
    for (int lane = 0; lane < kLanes; ++lane)
        for (int step = 0; step < kTokens; ++step)
            for (int page = 0; page * kPage <= step; ++page)
                if (step < 6 || random() % 2 == 0)
                    policy.read[policy.index(0, lane, step) * static_cast<std::size_t>(policy.pageBytes()) +
                                static_cast<std::size_t>(page / 8)] |= static_cast<std::uint8_t>(0x80U >> (page % 8));
    return policy;
}

int readers(const PolicyReplay& policy, const std::vector<int>& lanes, int token, int step)
{
    int count = 0;
    for (const int lane : lanes)
        count += policy.attends(0, lane, token, step);
    return count;
}

TEST(Selection, isDrawnByWhatEachStepAttendsTo)
{
    const PolicyReplay policy = selection();
    const LaneChoice choice{.lanes = {0, 1, 2}};
    for (const int rows : {kTokens, 7}) {
        const RetentionRaster raster{0, kTokens, 0, kTokens, rows == kTokens ? kTokens : 9, rows};
        const RetentionPlane plane = retentionPlane(policy, choice, raster, {});
        ASSERT_EQ(plane.bytes.size(), static_cast<std::size_t>(raster.columns * raster.rows));
        for (int row = 0; row < raster.rows; ++row)
            for (int column = 0; column < raster.columns; ++column) {
                int most = -1;
                for (int token = raster.firstToken(column); token < raster.endToken(column, kTokens); ++token)
                    if (token < raster.endStep(row, kTokens))
                        most = std::max(most, readers(policy, choice.lanes, token, std::max(raster.firstStep(row), token)));
                const std::uint8_t byte = plane.bytes[static_cast<std::size_t>(row * raster.columns + column)];
                const int share = byte >= kByRule && byte != kOutOfReach ? byte - kByRule : byte;
                if (most < 0) {
                    EXPECT_EQ(byte, kUnborn) << row << " " << column;
                } else {
                    EXPECT_EQ(share, shareByte(most, kLanes)) << row << " " << column;
                }
            }
    }
    const RetentionPlane beyond = retentionPlane(policy, choice, {0, kTokens, kTokens - 2, kTokens + 2, kTokens, 4}, {});
    for (std::size_t i = 0; i < beyond.bytes.size(); ++i)
        EXPECT_EQ(beyond.bytes[i] == kUnborn, i >= 2 * kTokens || i + 1 == kTokens) << i << ": two rows lie behind the last step";
    const RetentionPlane whole = retentionPlane(policy, choice, {0, kTokens, 0, kTokens, kTokens, kTokens}, {});
    EXPECT_EQ(whole.bytes[5 * kTokens + 2], 126 + kByRule); // nothing was left out yet
}

TEST(Selection, isCountedByWhatAStepAttendsTo)
{
    const PolicyReplay policy = selection();
    const std::vector<int> lanes{0, 2};
    for (int step = 0; step < kTokens; ++step) {
        std::vector<std::uint16_t> kept(kTokens - 3);
        countKept(policy, lanes, step, 3, kept);
        for (int token = 3; token < kTokens; ++token)
            ASSERT_EQ(kept[static_cast<std::size_t>(token - 3)], readers(policy, lanes, token, step)) << token << " " << step;
    }
    // Against distance, in bins of a quarter octave.
    std::map<int, std::pair<double, double>> bins; // kept, read
    for (int step = 8; step < 20; ++step)
        for (int token = 0; token <= step; ++token) {
            auto& [shown, all] = bins[static_cast<int>(std::floor(4 * std::log2(1 + (step - token) / 16.0)))];
            shown += readers(policy, lanes, token, step);
            all += 2;
        }
    const DistanceCurve curve = keptAgainstDistance(policy, lanes, 8, 20, 16);
    ASSERT_EQ(curve.share.size(), bins.size());
    for (std::size_t i = 0; const auto& [bin, sums] : bins)
        EXPECT_NEAR(curve.share[i++], sums.first / sums.second, 1e-12) << bin;
}

TEST(Selection, isComparedByWhatItAttendsTo)
{
    const PolicyReplay policy = selection();
    PolicyReplay full = policy;
    full.pageTokens = 0;
    full.read = {};
    const LanePairs pairs = pairLanes(policy, full, {}, policy.lanes);
    EXPECT_EQ(meanOverlap(policy, full, pairs, {3, 4}).value(), 1);
    EXPECT_LT(meanOverlap(policy, full, pairs, {20, 21}).value(), 1);
    EXPECT_FALSE(nextDivergence(policy, policy, pairs, -1, 1));
    const auto parted = nextDivergence(policy, full, pairs, -1, 1);
    ASSERT_TRUE(parted);
    EXPECT_GE(*parted, 6);
}

} // namespace
} // namespace winnow
