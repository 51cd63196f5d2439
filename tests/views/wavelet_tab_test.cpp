#include "tests/support/synthetic_trace.h"
#include "views/lower_dock.h"
#include "views/selection.h"
#include "views/wavelet_tab.h"

#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

constexpr int kTokens = 120;

struct Shown {
    testing_support::TemporaryFolder folder;
    Selection selection;
    WaveletTab tab{&selection};
    ViewData data;
    Shown()
    {
        const auto synthetic = testing_support::makeSynthetic({.tokens = kTokens});
        data.trace = testing_support::openSynthetic(synthetic, folder);
        data.info = std::make_shared<TraceInfo>(synthetic.info);
        selection.setExtent(kTokens, 0);
        selection.setStep(99);
        tab.resize(880, 360);
        tab.show();
        tab.setData(data);
        tab.finish();
    }
};

TEST(WaveletTab, showsTheBandsOfTheStepOnTheMapsAxis)
{
    Shown shown;
    ASSERT_TRUE(shown.tab.shown());
    EXPECT_EQ(shown.tab.shown()->steps, std::vector<int>{99});
    EXPECT_EQ(shown.tab.shown()->positions, 100);
    EXPECT_EQ(shown.tab.plot()->axisRect(0)->axis(QCPAxis::atBottom)->range(), QCPRange(0, kTokens));
    EXPECT_EQ(shown.tab.plot()->graphCount(), 2 * (5 + 2)); // signal, five levels, the rest: an area and its floor each
    shown.selection.setZoom({20, 60, 0, kTokens});
    EXPECT_EQ(shown.tab.plot()->axisRect(0)->axis(QCPAxis::atBottom)->range(), QCPRange(20, 60));
}

TEST(WaveletTab, waitsForThePauseInScrubbingAndThenShowsTheNewestStep)
{
    Shown shown;
    for (int step = 60; step < 70; ++step)
        shown.selection.setStep(step);
    EXPECT_EQ(shown.tab.shown()->steps, std::vector<int>{99});
    EXPECT_TRUE(QTest::qWaitFor([&] { return shown.tab.shown()->steps == std::vector<int>{69}; }, 5000));
}

TEST(WaveletTab, makesTreeKvFigure2AtOneClick)
{
    Shown shown;
    shown.tab.setPaperFigure(true);
    shown.tab.finish();
    EXPECT_EQ(shown.tab.shown()->steps, std::vector<int>{kTokens - 1});
    EXPECT_NE(shown.tab.shown()->note, "");
    EXPECT_EQ(shown.tab.currentFigure()->name, "treekv-2");
    shown.tab.setPaperFigure(false);
    shown.tab.finish();
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()), (std::vector<std::string>{"wavelet", "--step", "99"}));
}

TEST(WaveletTab, averagesTheQueryHeadsOfTheChosenLanes)
{
    Shown shown;
    EXPECT_EQ(shown.tab.shown()->heads, 8);
    shown.selection.setLanes({{1, 0}});
    shown.tab.finish();
    EXPECT_EQ(shown.tab.shown()->heads, 2);
    EXPECT_EQ(figureArguments(*shown.tab.currentFigure()), (std::vector<std::string>{"wavelet", "--step", "99", "--lanes", "1.0"}));
}

TEST(LowerDock, remembersAHeightPerTab)
{
    Selection selection;
    LowerDock dock(&selection);
    EXPECT_EQ(dock.heightHint(), 212);
    dock.setCurrentIndex(2);
    EXPECT_EQ(dock.heightHint(), 390);
    dock.rememberHeight(300);
    dock.setCurrentIndex(0);
    EXPECT_EQ(dock.heightHint(), 212);
    dock.setCurrentIndex(2);
    EXPECT_EQ(dock.heightHint(), 300);
    EXPECT_FALSE(dock.currentFigure());
}

} // namespace
} // namespace winnow::views
