// SPDX-License-Identifier: GPL-3.0-or-later
// What a brush over a wavelet picture marks: rows of packets by hand, bands and scalograms against the functions of the analysis.
#include "views/wavelet/wavelet_brush.h"

#include "tests/support/synthetic_trace.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

const std::vector<double> kQuiet{1, 1, 1, 1, 1, 1, 1, 1}, kLoud{0, 0, 3, 0, 0, 4, 0, 1};

BrushGround packets()
{
    BrushGround ground;
    ground.rows = {{-1, kQuiet}, {0, kLoud}};
    ground.firstPosition = 10;
    return ground;
}

TEST(WaveletBrush, marksTheFewestTokensThatHoldHalfOfTheRowsPower)
{
    WaveletBrush brush;
    brush.setGround(packets());
    brush.setRow(1);
    EXPECT_TRUE(brush.carriers().empty()) << "no token is brushed";
    brush.setRange(std::pair(10, 18));
    EXPECT_EQ(brush.carriers(), std::vector{15}) << "16 of 26";
    brush.setRange(std::pair(10, 15));
    EXPECT_EQ(brush.carriers(), std::vector{12}) << "inside the range only";
    brush.setRow(0);
    EXPECT_EQ(brush.carriers(), (std::vector{10, 11, 12})) << "of equals the earlier";
    brush.setRow({});
    EXPECT_TRUE(brush.carriers().empty());
    EXPECT_TRUE(brush.powerInRange().empty());
}

TEST(WaveletBrush, dropsWhatANewPictureDoesNotHave)
{
    WaveletBrush brush;
    brush.setGround(packets());
    EXPECT_TRUE(brush.setRow(1));
    EXPECT_FALSE(brush.setRow(1)) << "nothing changed";
    EXPECT_TRUE(brush.setRow(2)) << "there is no such row";
    EXPECT_EQ(brush.row(), std::nullopt);
    brush.setRow(1);
    brush.setPeriods(std::pair(4.0, 8.0));
    BrushGround one = packets();
    one.rows.pop_back();
    brush.setGround(one);
    EXPECT_EQ(brush.row(), std::nullopt);
    EXPECT_EQ(brush.periods(), std::nullopt) << "they are of a scalogram";
}

TEST(WaveletBrush, aDifferenceIsCarriedByNoToken)
{
    WaveletBrush brush;
    BrushGround difference = packets();
    difference.carries = false;
    brush.setGround(difference);
    brush.setRow(1);
    brush.setRange(std::pair(10, 18));
    EXPECT_TRUE(brush.carriers().empty());
}

TEST(WaveletBrush, ofAScalogramMarksTheBrushedPeriodsOrTheStrongest)
{
    const testing_support::TemporaryFolder folder;
    const auto trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 160}), folder);
    const auto power = scalogram(*trace, ScalogramOptions{.step = 159}, {});
    ASSERT_TRUE(power) << power.error().message;
    BrushGround ground;
    ground.scalogram = &*power;
    ground.firstPosition = power->firstPosition;
    WaveletBrush brush;
    brush.setGround(ground);
    EXPECT_EQ(brush.markedPeriods(), std::nullopt);
    brush.setRange(std::pair(60, 120));
    EXPECT_EQ(brush.powerInRange(), powerInRange(*power, 60, 120));
    const auto strongest = strongestPeriods(*power, powerInRange(*power, 60, 120), 0.5);
    EXPECT_EQ(brush.markedPeriods(), strongest);
    EXPECT_EQ(brush.periods(), std::nullopt) << "found, not brushed";
    brush.setPeriods(std::pair(8.0, 16.0));
    EXPECT_EQ(brush.markedPeriods(), std::pair(8.0, 16.0));
    EXPECT_EQ(brush.carriers(), carriers(*power, 8, 16, 60, 120, 0.5));
    EXPECT_FALSE(brush.carriers().empty());
}

} // namespace
} // namespace winnow::views
