// SPDX-License-Identifier: GPL-3.0-or-later
// Where tokens, levels and periods stand, and what a pixel shows of them.
#include "views/wavelet/scalogram_plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace winnow::views {
namespace {

TEST(StackGeometry, tokensAndLevelsMapToPixelsAndBack)
{
    for (const StackGeometry& stack :
         {StackGeometry{QRectF(64, 20, 500, 280), 0, 1024, 7}, StackGeometry{QRectF(10, 5, 333, 97), 12.5, 81.25, 24}}) {
        for (double token = stack.tokenBegin; token < stack.tokenEnd; token += 3.7)
            EXPECT_NEAR(stack.token(stack.x(token)), token, 1e-9);
        EXPECT_NEAR(stack.x(stack.tokenEnd), stack.area.right(), 1e-9);
        for (int row = 0; row < stack.rows; ++row) {
            EXPECT_EQ(stack.rowAt(stack.rowTop(row) + 1e-6), row);
            EXPECT_EQ(stack.rowAt(stack.rowTop(row + 1) - 1e-6), row);
        }
        EXPECT_EQ(stack.rowAt(stack.area.top() - 1), -1);
        EXPECT_EQ(stack.rowAt(stack.area.bottom() + 1), -1);
    }
}

TEST(StackGeometry, columnsCoverEveryTokenOnceWhenZoomedOut)
{
    const StackGeometry stack{QRectF(0, 0, 300, 10), 0, 8192, 1};
    int next = 0;
    for (int column = 0; column < 300; ++column) {
        const auto [begin, end] = stack.tokensOfColumn(column, 300, 0, 8192);
        EXPECT_EQ(begin, next);
        next = end;
    }
    EXPECT_EQ(next, 8192);
}

TEST(ColumnMax, isTheLargestOfThePositionsUnderAPixel)
{
    std::mt19937 dice(3);
    std::uniform_real_distribution<double> uniform;
    for (int round = 0; round < 40; ++round) {
        const int count = 1 + static_cast<int>(dice() % 700), first = static_cast<int>(dice() % 50),
                  columns = 1 + static_cast<int>(dice() % 200);
        std::vector<double> values(static_cast<std::size_t>(count));
        for (double& value : values)
            value = uniform(dice);
        const double begin = static_cast<double>(dice() % 60), end = begin + 8 + static_cast<double>(dice() % 700);
        const StackGeometry stack{QRectF(0, 0, columns, 10), begin, end, 1};
        const std::vector<double> most = columnMax(values, first, stack, columns);
        for (int column = 0; column < columns; ++column) {
            const int from = static_cast<int>(std::floor(begin + column * (end - begin) / columns + 1e-9));
            const int to =
                std::max(from + 1, static_cast<int>(std::floor(begin + (column + 1) * (end - begin) / columns + 1e-9)));
            double expected = NAN;
            for (int token = from; token < to; ++token)
                if (token >= first && token < first + count)
                    expected = std::isnan(expected) ? values[token - first] : std::max(expected, values[token - first]);
            if (std::isnan(expected))
                EXPECT_TRUE(std::isnan(most[column]));
            else
                EXPECT_EQ(most[column], expected);
        }
    }
}

TEST(ColumnDifference, alignsAtTheNewestAndRunsFromMinusOneToOne)
{
    const std::vector<double> a{1, 2, 3, 4}, b{9, 0, 1, 2, 3};
    const StackGeometry stack{QRectF(0, 0, 4, 10), 0, 4, 1};
    const std::vector<double> difference = columnDifference(a, b, 0, stack, 4);
    EXPECT_DOUBLE_EQ(difference[3], 1.0 / 7) << "4 against 3";
    EXPECT_DOUBLE_EQ(difference[0], 1) << "1 against 0";
    EXPECT_DOUBLE_EQ(columnDifference(b, a, 0, {QRectF(0, 0, 5, 10), 0, 5, 1}, 5)[1], -1);
    EXPECT_TRUE(std::isnan(columnDifference(b, a, 0, {QRectF(0, 0, 5, 10), 0, 5, 1}, 5)[0]))
        << "the shorter has no such distance";
}

TEST(MagnitudeScale, isOneForAllRowsOrEachItsOwn)
{
    const std::vector<double> loud{0.5, 8}, soft{0.01, 0.02};
    const std::vector<std::vector<BandRow>> rows{{{.values = loud}, {.values = soft}}};
    const MagnitudeScale log(RowScale::Log, rows, 0), linear(RowScale::Linear, rows, 0), own(RowScale::Own, rows, 0);
    EXPECT_DOUBLE_EQ(linear.share(1, 4), 0.5);
    EXPECT_DOUBLE_EQ(own.share(1, 0.01), 0.5);
    EXPECT_NEAR(log.share(0, 10), 1, 1e-12) << "whole decades: 0.01 to 10";
    EXPECT_NEAR(log.share(0, 0.1), 1.0 / 3, 1e-12);
    EXPECT_EQ(log.share(0, 0), 0);
}

TokenScalogram stripes()
{
    TokenScalogram power{.scales = 12, .positions = 64, .firstPosition = 0, .step = 63};
    for (int scale = 0; scale < power.scales; ++scale) {
        power.period.push_back(2 * std::exp2(scale / 2.0));
        power.scale.push_back(power.period.back());
    }
    power.power.assign(12 * 64, 0);
    power.cone.assign(64, 1e9);
    for (int i = 0; i < 64; ++i)
        power.power[static_cast<std::size_t>(4) * 64 + i] = i == 20 ? 4 : 1;
    return power;
}

TEST(ScalogramGeometry, periodsMapToPixelsAndBackWithShortOnesOnTop)
{
    const TokenScalogram power = stripes();
    const ScalogramGeometry plane = scalogramGeometry(power, QRectF(64, 20, 400, 240), 0, 64);
    for (int scale = 0; scale < power.scales; ++scale) {
        const double y = plane.y(power.period[scale]);
        EXPECT_NEAR(plane.period(y), power.period[scale], 1e-9);
        EXPECT_EQ(scaleOfPeriod(power, plane.period(y)), scale);
        EXPECT_NEAR(y, 20 + (scale + 0.5) * 240 / 12, 1e-6) << "every scale has a band of the same height";
    }
}

TEST(ScalogramImage, keepsTheSpikeWhenZoomedOut)
{
    const TokenScalogram power = stripes();
    const ScalogramGeometry plane = scalogramGeometry(power, QRectF(0, 0, 16, 24), 0, 64);
    const Theme& theme = Theme::darkTheme();
    const QImage image = scalogramImage(power, plane, PowerScale::Linear, largestPower(power), theme, 1);
    ASSERT_EQ(image.size(), QSize(16, 24));
    EXPECT_EQ(image.pixel(5, 9), theme.choice[126]) << "four tokens to a pixel, the largest of them";
    EXPECT_EQ(image.pixel(6, 9), theme.choice[63]) << "the root of a quarter";
    EXPECT_EQ(image.pixel(5, 15), theme.choice[0]);
}

TEST(ScalogramImage, outlinesWhatNoiseDoesNotExplainWithinTheCone)
{
    const Theme& theme = Theme::lightTheme();
    const auto inked = [&](const TokenScalogram& power) {
        const ScalogramGeometry plane = scalogramGeometry(power, QRectF(0, 0, 64, 12), 0, 64);
        const QImage outlined = scalogramImage(power, plane, PowerScale::Linear, 4, theme, 1);
        TokenScalogram bare = power;
        bare.threshold.clear();
        const QImage plain = scalogramImage(bare, plane, PowerScale::Linear, 4, theme, 1);
        std::vector<QPoint> points;
        for (int y = 0; y < 12; ++y)
            for (int x = 0; x < 64; ++x)
                if (outlined.pixel(x, y) != plain.pixel(x, y))
                    points.emplace_back(x, y);
        return points;
    };
    TokenScalogram power = stripes();
    power.threshold.assign(12, 2); // only the spike at 20 is more
    EXPECT_EQ(inked(power), (std::vector<QPoint>{{20, 4}, {21, 4}, {20, 5}}));
    power.cone[20] = 2; // the spike's period is 8
    EXPECT_TRUE(inked(power).empty());
    power = stripes();
    power.threshold.assign(12, 2);
    power.cellThreshold.assign(power.power.size(), 5); // of shuffled values: for each cell
    EXPECT_TRUE(inked(power).empty());
}

/// An SVG keeps no more of a clip than its rectangle, so that the lines themselves have to end at the sides.
TEST(DrawHatchIn, endsAtTheSidesOfTheShape)
{
    const PlotStyle style = PlotStyle::window(Theme::lightTheme());
    QImage image(60, 60, QImage::Format_RGB32);
    image.fill(Qt::white);
    {
        QCPPainter painter(&image);
        drawHatchIn(&painter, QPolygonF({{10, 50}, {10, 10}, {30, 45}, {50, 10}, {50, 50}}), style); // a W, filled
    }
    const auto drawn = [&](QRect area) {
        for (int y = area.top(); y <= area.bottom(); ++y)
            for (int x = area.left(); x <= area.right(); ++x)
                if (image.pixel(x, y) != QColor(Qt::white).rgb())
                    return true;
        return false;
    };
    EXPECT_TRUE(drawn({12, 25, 4, 20}));
    EXPECT_TRUE(drawn({44, 25, 4, 20}));
    EXPECT_FALSE(drawn({28, 0, 4, 38})) << "between the two peaks";
    for (const QRect& outside : {QRect(0, 0, 9, 60), QRect(52, 0, 8, 60), QRect(0, 0, 60, 9), QRect(0, 52, 60, 8)})
        EXPECT_FALSE(drawn(outside));
}

} // namespace
} // namespace winnow::views
