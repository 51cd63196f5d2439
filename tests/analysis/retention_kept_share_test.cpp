// SPDX-License-Identifier: GPL-3.0-or-later
// Survivors at one step, lanes, distance curves and means, each against the obvious loop.
#include "core/analysis/kept_share.h"
#include "core/analysis/means.h"

#include "tests/support/synthetic_replay.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

const test::SyntheticOptions kOptions{.tokens = 300, .layers = 3, .lanes = 4, .budget = 40};

TEST(KeptShare, countsWhatTheRuleStores)
{
    for (int number = 0; number < 6; ++number) {
        const auto policy = test::syntheticPolicy(number, kOptions);
        const std::vector<int> lanes{0, 3, 5, 11};
        for (const int step : {0, 1, 39, 40, 41, 150, 299}) {
            std::vector<std::uint16_t> kept(200);
            countKept(*policy, lanes, step, 50, kept);
            for (int token = 50; token < 250; ++token) {
                int slow = 0;
                for (const int lane : lanes)
                    slow += policy->keeps(lane / 4, lane % 4, token, step);
                ASSERT_EQ(kept[static_cast<std::size_t>(token - 50)], slow) << "token " << token << " step " << step;
            }
        }
    }
}

TEST(KeptShare, bytesAreThoseOfThePlaneAtThatStep)
{
    for (int number = 0; number < 6; ++number) {
        const auto policy = test::syntheticPolicy(number, kOptions);
        for (const LaneChoice& choice : {LaneChoice{{0, 1, 7}, {}}, LaneChoice{{0, 1, 7}, {30, 0, 60}}}) {
            for (const int step : {0, 40, 155, 299}) {
                if (!choice.windows.empty() && number != 0)
                    continue; // the synthetic lifetimes know no windows; where everything is recent the two still agree
                std::vector<std::uint8_t> bytes(300);
                keptBytes(*policy, choice, step, 0, bytes);
                const RetentionPlane plane = retentionPlane(*policy, choice, {0, 300, double(step), step + 1.0, 300, 1});
                if (choice.windows.empty())
                    EXPECT_EQ(bytes, plane.bytes) << "policy " << number << " step " << step;
                else
                    for (std::size_t i = 0; i < bytes.size(); ++i)
                        EXPECT_EQ(bytes[i] == kOutOfReach, plane.bytes[i] == kOutOfReach) << i;
            }
        }
    }
}

TEST(Lanes, aChosenKvHeadIsItsQueryHeadsUnderQueryGranularity)
{
    PolicyReplay policy;
    policy.layers = 2;
    policy.lanes = 6;
    const std::vector<Lane> chosen{{1, 0}, {0, 2}, {0, 2}};
    EXPECT_EQ(chooseLanes(policy, chosen, 3).lanes, (std::vector<int>{4, 5, 6, 7}));
    EXPECT_EQ(chooseLanes(policy, chosen, 6).lanes, (std::vector<int>{2, 6}));
    EXPECT_EQ(chooseLanes(policy, {}, 3).lanes.size(), 12u);
}

TEST(Lanes, carryTheirLayersWindowOnlyWhereSomeLayerHasOne)
{
    PolicyReplay policy;
    policy.layers = 2;
    policy.lanes = 2;
    EXPECT_TRUE(chooseLanes(policy, {}, 2, std::vector<int>{0, 0}).windows.empty());
    EXPECT_EQ(chooseLanes(policy, {}, 2, std::vector<int>{512, 0}).windows, (std::vector<int>{512, 512, 0, 0}));
}

TEST(DistanceCurve, equalsTheSumOverStepsTokensAndLanes)
{
    for (int number = 0; number < 6; ++number) {
        const auto policy = test::syntheticPolicy(number, kOptions);
        const std::vector<int> lanes{1, 2, 10};
        const double unit = distanceUnit(kOptions.budget);
        const DistanceCurve curve = keptAgainstDistance(*policy, lanes, 60, 290, unit);
        std::vector<double> kept(64, 0), read(64, 0), distances(64, 0);
        for (int step = 60; step < 290; ++step)
            for (int token = 0; token <= step; ++token) {
                const auto bin = static_cast<std::size_t>(std::floor(4 * std::log2(1 + (step - token) / unit)));
                for (const int lane : lanes) {
                    kept[bin] += policy->keeps(lane / 4, lane % 4, token, step);
                    read[bin] += 1;
                    distances[bin] += step - token;
                }
            }
        std::size_t at = 0;
        for (std::size_t bin = 0; bin < kept.size(); ++bin) {
            if (read[bin] == 0)
                continue;
            ASSERT_LT(at, curve.share.size());
            EXPECT_NEAR(curve.share[at], kept[bin] / read[bin], 1e-12);
            EXPECT_NEAR(curve.distance[at], distances[bin] / read[bin], 1e-9);
            ++at;
        }
        EXPECT_EQ(at, curve.share.size());
    }
}

TEST(DistanceUnit, isThePowerOfTwoNearestToHalfTheBudget)
{
    EXPECT_EQ(distanceUnit(128), 64);
    EXPECT_EQ(distanceUnit(100), 64);
    EXPECT_EQ(distanceUnit(80), 32);
    EXPECT_EQ(distanceUnit(4), 16);
}

TEST(LeftAt, listsOneStepPerLaneThatLostTheToken)
{
    PolicyReplay policy;
    policy.layers = 1;
    policy.lanes = 3;
    policy.tokens = 2;
    policy.evictStep = {9, -1, -1, 5, 4, -1};
    EXPECT_EQ(leftAt(policy, std::vector<int>{0, 1, 2}, 0), (std::vector<int>{4, 9}));
    EXPECT_EQ(leftAt(policy, std::vector<int>{0, 1, 2}, 1), (std::vector<int>{5}));
}

TEST(KeptInRange, isTheShareOfWhatWasReadAndNothingBeforeThat)
{
    PolicyReplay policy;
    policy.layers = 1;
    policy.lanes = 1;
    policy.tokens = 4;
    policy.evictStep = {1, -1, -1, -1};
    EXPECT_EQ(keptInRange(policy, std::vector<int>{0}, 1, 0, 4), 0.5);
    EXPECT_EQ(keptInRange(policy, std::vector<int>{0}, 1, 2, 4), std::nullopt);
}

TEST(Means, runFromTheLargestVisibleBudgetAndNoFurtherThanTheSlowest)
{
    auto small = test::syntheticPolicy(0, {.tokens = 100, .budget = 10});
    auto large = test::syntheticPolicy(1, {.tokens = 100, .budget = 30, .stepsDone = 80});
    auto unlimited = test::syntheticPolicy(2, {.tokens = 100, .budget = 100});
    EXPECT_EQ(meanSteps(std::vector{small, large, unlimited}, 0), (StepSpan{30, 80}));
    EXPECT_EQ(meanSteps(std::vector{small}, 0), (StepSpan{10, 100}));
    EXPECT_EQ(meanSteps(std::vector{small}, 40), (StepSpan{40, 100})); // nobody loses anything during the prompt
    EXPECT_EQ(meanSteps(std::vector{small, large}, 0, StepSpan{5, 200}), (StepSpan{5, 80}));
    EXPECT_EQ(meanSteps(std::vector{small, large}, 0, StepSpan{90, 95}), (StepSpan{80, 80}));
}

TEST(Means, leaveOutWhatIsNotComputed)
{
    PolicyReplay policy;
    policy.layers = 1;
    policy.lanes = 2;
    policy.tokens = 3;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    policy.mass = {0.5f, 1.0f, nan, 0.0f, nan, nan};
    policy.oracleMass = {0.75f, 1.0f, nan, 0.5f, nan, nan};
    policy.occupancy = {1, 2, -1, 3, -1, -1};
    EXPECT_EQ(meanMetric(policy, Metric::Mass, std::vector<int>{0, 1}, {0, 3}), 0.5);
    EXPECT_EQ(meanMetric(policy, Metric::Regret, std::vector<int>{0, 1}, {0, 3}), 0.25);
    EXPECT_EQ(meanMetric(policy, Metric::Slots, std::vector<int>{0, 1}, {0, 3}), 2.0);
    EXPECT_EQ(meanMetric(policy, Metric::Error, std::vector<int>{0, 1}, {0, 3}), std::nullopt);
    EXPECT_EQ(meanMetric(policy, Metric::Mass, std::vector<int>{1}, {1, 3}), std::nullopt);
}

} // namespace
} // namespace winnow
