// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/running_mean.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace winnow {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TEST(RunningMean, isTheMeanAroundEveryValueAndOfFewerAtTheEnds)
{
    const std::vector<double> values{3, 0, 6, 9, 0};
    EXPECT_EQ(runningMean(values, 3, 0), (std::vector<double>{1.5, 3, 5, 5, 4.5}));
    EXPECT_EQ(runningMean(values, 2, 0), (std::vector<double>{1.5, 3, 7.5, 4.5, 0})) << "an even window reaches one further on";
    EXPECT_EQ(runningMean(values, 1, 0), values);
    EXPECT_EQ(runningMean(values, 0, 0), values);
    EXPECT_EQ(runningMean(values, 100, 0), std::vector<double>(5, 3.6));
    EXPECT_TRUE(runningMean({}, 8, 0).empty());
}

TEST(RunningMean, soFarIsTheMeanOfAllFromTheBoundaryOn)
{
    EXPECT_EQ(runningMean(std::vector<double>{3, 0, 6, kNone, 3}, kMeanSoFar, 0).back(), 3);
    EXPECT_EQ(runningMean(std::vector<double>{3, 1, 6, 2, 4}, kMeanSoFar, 2), (std::vector<double>{3, 2, 6, 4, 4}));
    EXPECT_EQ(smoothingWords(kMeanSoFar), "mean so far");
    EXPECT_EQ(smoothingWords(8), "running mean of 8 steps");
    EXPECT_EQ(smoothingWords(1), "");
}

TEST(RunningMean, aJumpAtTheBoundaryStaysOne)
{
    const std::vector<double> values{1, 1, 1, 0.5, 0.5};
    EXPECT_EQ(runningMean(values, 5, 3), values);
    EXPECT_NE(runningMean(values, 5, 0), values);
}

TEST(RunningMean, passesOverWhatIsNotThere)
{
    const auto smooth = runningMean(std::vector<double>{2, kNone, 4, kNone, kNone}, 3, 0);
    EXPECT_EQ(smooth[0], 2);
    EXPECT_TRUE(std::isnan(smooth[1]));
    EXPECT_EQ(smooth[2], 4);
    EXPECT_TRUE(std::isnan(smooth[4]));
}

} // namespace
} // namespace winnow
