// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/plot_style.h"

#include "core/analysis/drift.h"
#include "views/plot/short_number.h"
#include "views/plot/token_ticker.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

int ticksOn(QCPAxis* axis)
{
    QList<double> ticks;
    axis->ticker()->generate(axis->range(), QLocale(QLocale::English), QLatin1Char('g'), 6, ticks, nullptr, nullptr);
    return static_cast<int>(std::ranges::count_if(ticks, [&](double tick) { return axis->range().contains(tick); }));
}

TEST(SetTickCount, anAxisOfAColumnHasFiveTicksOrMoreOnPaper)
{
    QCustomPlot plot;
    const PlotStyle style = PlotStyle::onPaper();
    const double length = style.px(250), height = style.px(120); // of a chart in a column of 3.25 in
    for (const double most : {90.0, 767.0, 1023.0, 2047.0, 3000.0, 8191.0, 32767.0}) {
        plot.xAxis->setTicker(QSharedPointer<TokenTicker>::create());
        plot.xAxis->setRange(0, most);
        setTickCount(plot.xAxis, length, QStringLiteral("8,191"), style);
        EXPECT_GE(ticksOn(plot.xAxis), 5) << most;
        EXPECT_LE(ticksOn(plot.xAxis) * QFontMetricsF(style.tick).horizontalAdvance(QStringLiteral("8,191")), 1.2 * length)
            << most;
    }
    for (const auto& [from, to] : {std::pair(0.0, 1.02), std::pair(0.58, 1.02), std::pair(0.7, 0.76), std::pair(0.0, 31.0)}) {
        plot.yAxis->setTicker(QSharedPointer<QCPAxisTicker>::create());
        plot.yAxis->setRange(from, to);
        setTickCount(plot.yAxis, height, {}, style, 4);
        EXPECT_GE(ticksOn(plot.yAxis), 5) << from << " to " << to;
    }
}

TEST(AxisTitles, withoutTheirUnitFitTheLowestChart)
{
    const QFontMetricsF metrics(PlotStyle::window(Theme::lightTheme()).label);
    const auto widthOf = [&](const Metric& metric) {
        return metrics.horizontalAdvance(QString::fromUtf8(metric.axis).section(QStringLiteral(" ("), 0, 0));
    };
    for (const Metric& metric : metricCatalog())
        EXPECT_LT(widthOf(metric), 128) << metric.axis;
    for (const Metric& measure : driftMeasures())
        EXPECT_LT(widthOf(measure), 128) << measure.axis;
}

TEST(ShortNumber, writesNumbersOfAnySizeWithoutAnE)
{
    for (const auto& [value, words] : {std::pair(0.0, "0"),
                                       {0.27, "0.27"},
                                       {0.0034, "0.0034"},
                                       {650.0, "650"},
                                       {-1234.4, "−1,234"},
                                       {9.3e-9, "9.3·10⁻⁹"},
                                       {2.5e7, "2.5·10⁷"}})
        EXPECT_EQ(shortNumber(value).toStdString(), words);
    EXPECT_EQ(shortNumber(1.2345, 3).toStdString(), "1.23");
    EXPECT_EQ(shortNumber(12.345, 3).toStdString(), "12.3");
    EXPECT_EQ(shortNumber(0.0012345, 3).toStdString(), "0.00123");
}

TEST(AxisTitles, haveAFormForEveryRoom)
{
    const QFont font = PlotStyle::onPaper().label;
    const QStringList titles = axisTitles(QStringLiteral("Lifetimes that differ (share)"));
    EXPECT_EQ(fitting(titles, font, 1e4), QStringLiteral("Lifetimes that differ (share)"));
    EXPECT_EQ(fitting(titles, font, QFontMetricsF(font).horizontalAdvance(titles[1])), QStringLiteral("Lifetimes that differ"));
    EXPECT_EQ(fitting(titles, font, 0), QStringLiteral("Lifetimes\u2026"));
    EXPECT_EQ(axisTitles(QStringLiteral("Slots")).back(), QStringLiteral("Slots"));
}

} // namespace
} // namespace winnow::views
