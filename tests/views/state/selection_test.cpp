// SPDX-License-Identifier: GPL-3.0-or-later
// The shared state: clamping, filters and their order, one signal per change.
#include "views/state/selection.h"

#include <QSignalSpy>

#include <gtest/gtest.h>

#include <cmath>

namespace winnow::views {
namespace {

class SelectionTest : public testing::Test {
protected:
    SelectionTest() { selection.setExtent(100, 3); }
    Selection selection;
};

TEST_F(SelectionTest, keepsStepsTokensAndPoliciesInsideTheText)
{
    selection.setStep(500);
    EXPECT_EQ(selection.state().step, 99);
    selection.setStep(-3);
    EXPECT_EQ(selection.state().step, 0);
    selection.setToken(100);
    EXPECT_FALSE(selection.state().token);
    selection.setFocus(7);
    EXPECT_EQ(selection.state().focus, 2);
    selection.setTokenRange(Range{90, 140});
    EXPECT_EQ(selection.state().tokenRange, (Range{90, 100}));
}

TEST_F(SelectionTest, differenceIsAFilterThatEscRemovesAndHasNoPartnerForTheReferenceItself)
{
    selection.setReference(1);
    EXPECT_FALSE(selection.state().comparedWith(0));
    QSignalSpy spy(&selection, &Selection::changed);
    selection.setDifference(true);
    selection.setDifference(true);
    ASSERT_EQ(spy.count(), 1);
    EXPECT_EQ(spy[0][0].value<Selection::Fields>(), Selection::Fields(Selection::Difference));
    EXPECT_EQ(selection.state().comparedWith(0), 1);
    EXPECT_FALSE(selection.state().comparedWith(1)) << "the reference stays plain";
    selection.setToken(5);
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_TRUE(selection.state().difference) << "the token came later";
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_FALSE(selection.state().difference);
    selection.setRows(MapRows::Lanes);
    selection.setAxis(MapAxis::Distance);
    EXPECT_FALSE(selection.dropNewestFilter()) << "rows and axis hide nothing";
}

TEST_F(SelectionTest, tellsOnceWhatChangedAndNothingWhenNothingDid)
{
    QSignalSpy spy(&selection, &Selection::changed);
    selection.setStep(5);
    selection.setStep(5);
    selection.setLanes({{1, 0}, {0, 1}, {1, 0}});
    ASSERT_EQ(spy.count(), 2);
    EXPECT_EQ(spy[0][0].value<Selection::Fields>(), Selection::StepField);
    EXPECT_EQ(spy[1][0].value<Selection::Fields>(), Selection::Lanes);
    EXPECT_EQ(selection.state().lanes, (std::vector<Lane>{{0, 1}, {1, 0}}));
}

TEST_F(SelectionTest, escapeTakesTheNewestFilterFirst)
{
    selection.setToken(4);
    selection.setLanes({{0, 0}});
    selection.setTokenRange(Range{3, 9});
    selection.setToken(5); // moved again: now the newest
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_FALSE(selection.state().token);
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_FALSE(selection.state().tokenRange);
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_TRUE(selection.state().lanes.empty());
    EXPECT_FALSE(selection.dropNewestFilter());
}

TEST_F(SelectionTest, aShorterTextDropsWhatNoLongerFits)
{
    selection.setToken(80);
    selection.setTokenRange(Range{40, 90});
    selection.setSpans({{Range{10, 20}, QStringLiteral("needle")}, {Range{60, 70}, QStringLiteral("later")}});
    selection.setZoom({50, 90, 50, 90});
    selection.setExtent(50, 1);
    EXPECT_FALSE(selection.state().token);
    EXPECT_EQ(selection.state().tokenRange, (Range{40, 50}));
    EXPECT_EQ(selection.state().spans.size(), 1u);
    EXPECT_TRUE(selection.state().zoom.isEmpty());
}

TEST_F(SelectionTest, nothingThatCannotBeShownComesFromASession)
{
    for (const Zoom& zoom : {Zoom{0, 100, 0, -1}, Zoom{-1, 50, 0, 50}, Zoom{50, 20, 0, 50}, Zoom{0, 50, 20, 20},
                             Zoom{0, 50, 0, 101}, Zoom{0, 50, std::nan(""), 50}}) {
        SelectionState state;
        state.zoom = zoom;
        selection.setState(state);
        EXPECT_TRUE(selection.state().zoom.isEmpty());
        EXPECT_EQ(selection.state().zoom, Zoom());
    }
    SelectionState state;
    state.spans = {{Range{5, 5}, QStringLiteral("none")},
                   {Range{7, 3}, QStringLiteral("backwards")},
                   {Range{3, 7}, QStringLiteral("needle")}};
    selection.setState(state);
    ASSERT_EQ(selection.state().spans.size(), 1u);
    EXPECT_EQ(selection.state().spans.front().name, QStringLiteral("needle"));
}

TEST_F(SelectionTest, leavingEndsHoverAndCarriersAndTellsTheViews)
{
    selection.setHover(5, 9, {10, 10});
    selection.setCarriers({3, 4});
    selection.setToken(7);
    QSignalSpy left(&selection, &Selection::left);
    selection.leave();
    EXPECT_EQ(left.count(), 1);
    EXPECT_FALSE(selection.hoverToken());
    EXPECT_FALSE(selection.hoverStep());
    EXPECT_TRUE(selection.carriers().empty());
    EXPECT_EQ(selection.state().token, 7) << "what is chosen is for the new extent to clamp";
}

TEST_F(SelectionTest, policiesAreVisibleUntilHidden)
{
    EXPECT_TRUE(selection.isVisible(2));
    selection.setHidden(1, true);
    EXPECT_TRUE(selection.isVisible(0));
    EXPECT_FALSE(selection.isVisible(1));
    selection.setHidden(1, false);
    EXPECT_TRUE(selection.isVisible(1));
}

TEST(Selection, escapeTakesMarkedSpansAwayTheNewestFirst)
{
    Selection selection;
    selection.setExtent(100, 2);
    selection.setSpans({{{10, 20}, QStringLiteral("span 1")}, {{30, 40}, QStringLiteral("span 2")}});
    selection.setToken(5);
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_EQ(selection.state().token, std::nullopt);
    EXPECT_EQ(selection.state().spans.size(), 2u);
    EXPECT_TRUE(selection.dropNewestFilter());
    ASSERT_EQ(selection.state().spans.size(), 1u);
    EXPECT_EQ(selection.state().spans.front().name, QStringLiteral("span 1"));
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_TRUE(selection.state().spans.empty());
    EXPECT_FALSE(selection.dropNewestFilter());
}

TEST(Selection, escapeAlsoTakesAwayWhatASessionBroughtBack)
{
    Selection selection;
    selection.setExtent(100, 2);
    SelectionState state;
    state.spans = {{{10, 20}, QStringLiteral("needle")}};
    selection.setState(state);
    EXPECT_TRUE(selection.dropNewestFilter());
    EXPECT_TRUE(selection.state().spans.empty());
}

} // namespace
} // namespace winnow::views
