// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay.h"
#include "tests/support/memory_trace.h"
#include "tests/support/synthetic_replay.h"
#include "views/state/selection.h"
#include "views/token/token_tab.h"

#include <QLabel>
#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

/// A small recording with its replay: H2O, TreeKV and StreamingLLM over 70 tokens, 2 layers of 2 KV heads.
struct Shown {
    Selection selection;
    TokenTab tab{&selection};
    ViewData data;
    Shown()
    {
        const auto trace = std::make_shared<testing_support::MemoryTrace>(testing_support::makeSynthetic(
            {.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 70, .sharpness = 2, .seed = 8}));
        std::vector<PolicySpec> specs;
        for (const char* line : {"h2o:budget=12,recent=3", "treekv:budget=12", "streaming:budget=12"})
            specs.push_back(*parsePolicySpec(line));
        data.replay = *replay(*trace, specs, {.device = "cpu"}, {});
        data.info = std::make_shared<TraceInfo>(trace->info());
        data.trace = trace;
        data.tokensRecorded = 70;
        selection.setExtent(70, 3);
        tab.resize(1000, 240);
        tab.show();
        tab.setData(data);
    }
    /// Until every rank is there.
    void settle()
    {
        const auto waits = [&] {
            for (int row = 0; row < tab.table()->rowCount(); ++row)
                if (tab.table()->item(row, 5)->text() == QStringLiteral("…"))
                    return true;
            return false;
        };
        for (int i = 0; i < 200 && waits(); ++i)
            QTest::qWait(20);
    }
};

TEST(TokenTab, saysWhatToDoWhileNothingIsSelected)
{
    Shown shown;
    EXPECT_FALSE(shown.tab.tokens());
    EXPECT_FALSE(shown.tab.currentFigure());
    EXPECT_EQ(shown.tab.shown(), nullptr);
}

TEST(TokenTab, looksAtWhatWasSelectedLast)
{
    Shown shown;
    shown.selection.setToken(9);
    EXPECT_EQ(*shown.tab.tokens(), (Range{9, 10}));
    shown.selection.setTokenRange(Range{20, 24});
    EXPECT_EQ(*shown.tab.tokens(), (Range{20, 24}));
    shown.selection.setSpans({{{30, 33}, QStringLiteral("needle")}});
    EXPECT_EQ(*shown.tab.tokens(), (Range{30, 33}));
    shown.selection.setToken(11);
    EXPECT_EQ(*shown.tab.tokens(), (Range{11, 12}));
    shown.selection.setToken({});
    shown.selection.setTokenRange({});
    EXPECT_EQ(*shown.tab.tokens(), (Range{30, 33})); // what is left
    shown.selection.setSpans({});
    EXPECT_FALSE(shown.tab.tokens());
}

TEST(TokenTab, showsTheAutopsyOfTheEngine)
{
    Shown shown;
    shown.selection.setToken(9);
    shown.tab.finish();
    ASSERT_NE(shown.tab.shown(), nullptr);
    const auto expected = autopsy(*shown.data.trace, *shown.data.replay, {.tokens = {9, 9}}, {});
    EXPECT_EQ(shown.tab.shown()->largest.back(), expected->largest.back());
    EXPECT_EQ(shown.tab.shown()->lines[0].goneBy, expected->lines[0].goneBy);
    ASSERT_EQ(shown.tab.table()->rowCount(), 4); // lanes of the focus
    shown.settle();
    for (int row = 0; row < 4; ++row) {
        const bool left = shown.tab.table()->item(row, 1)->text() != QStringLiteral("never");
        EXPECT_EQ(shown.tab.table()->item(row, 5)->text().contains(QLatin1Char('/')), left) << row;
        EXPECT_EQ(shown.tab.table()->item(row, 6)->text() != QStringLiteral("—"), left) << row;
    }
}

TEST(TokenTab, givesPlaceByPlaceOnlyChosenLanesAndVisiblePolicies)
{
    Shown shown;
    shown.selection.setToken(9);
    shown.selection.setLanes({{1, 0}});
    shown.selection.setHidden(2, true);
    shown.tab.finish();
    ASSERT_EQ(shown.tab.shown()->lines.size(), 2u);
    EXPECT_EQ(shown.tab.table()->rowCount(), 1);
    const auto request = shown.tab.currentFigure();
    ASSERT_TRUE(request);
    EXPECT_EQ(request->name, "autopsy");
    EXPECT_EQ(request->options.tokenRange, (IntRange{9, 9}));
    EXPECT_EQ(request->options.policies, (std::vector{1, 2}));
    EXPECT_EQ(request->options.lanes, (std::vector<Lane>{{1, 0}}));
    EXPECT_EQ(request->options.focus, shown.selection.state().focus + 1) << "its losses color the attention";
}

TEST(TokenTab, sortsByTheNumberAndNotByTheWord)
{
    Shown shown;
    shown.selection.setToken(9);
    shown.tab.finish();
    FateTable& table = *shown.tab.table();
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        table.sortByColumn(1, order);
        for (int row = 1; row < table.rowCount(); ++row) {
            const double above = table.item(row - 1, 1)->data(Qt::UserRole).toDouble(),
                         below = table.item(row, 1)->data(Qt::UserRole).toDouble();
            EXPECT_TRUE(order == Qt::AscendingOrder ? above <= below : above >= below);
        }
    }
}

TEST(TokenTab, aRowChoosesItsLaneAndADoubleClickTheStepAtWhichTheTokenLeft)
{
    Shown shown;
    shown.selection.setToken(9);
    shown.tab.finish();
    FateTable& table = *shown.tab.table();
    const QString lane = table.item(2, 0)->text();
    emit table.cellDoubleClicked(2, 1);
    ASSERT_EQ(shown.selection.state().lanes.size(), 1u);
    const Lane chosen = shown.selection.state().lanes.front();
    EXPECT_EQ(lane, QStringLiteral("%1.%2").arg(chosen.layer).arg(chosen.head));
    const PolicyReplay& policy = *shown.data.replay->policies[0];
    EXPECT_EQ(shown.selection.state().step, policy.evictStep[policy.index(chosen.layer, chosen.head, 9)]);
}

TEST(TokenTab, tellsLifetimesWithoutARecording)
{
    Selection selection;
    TokenTab tab(&selection);
    ViewData data;
    data.replay = test::syntheticReplay({.tokens = 128, .budget = 32, .policies = 3});
    selection.setExtent(128, 3);
    tab.resize(900, 212);
    tab.show();
    tab.setData(data);
    selection.setToken(10);
    tab.finish();
    ASSERT_NE(tab.shown(), nullptr);
    EXPECT_TRUE(tab.shown()->largest.empty());
    EXPECT_EQ(tab.table()->rowCount(), 4);
    EXPECT_FALSE(tab.currentFigure()); // which needs the recording
    EXPECT_TRUE(tab.accessibleDescription().contains(QStringLiteral("attention needs the recording")));
}

TEST(TokenTab, pointsOutTheStepsThatAskMost)
{
    Autopsy autopsy;
    autopsy.tokens = {0, 0};
    autopsy.largest = {1, .9, .8, .79, .1, .1, .1, .1, .1, .5, .1, .3};
    autopsy.largest.resize(48, .05);
    autopsy.largest[40] = .41;
    autopsy.largest[44] = .39;                                               // less than half
    EXPECT_EQ(SurvivalChart::askingSteps(autopsy), (std::vector{2, 9, 40})); // 1 follows the token at once, 3 is beside 2
}

} // namespace
} // namespace winnow::views
