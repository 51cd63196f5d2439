// SPDX-License-Identifier: GPL-3.0-or-later
// What the hover card says, and where it goes.
#include "tests/support/synthetic_replay.h"
#include "views/chrome/hover_card.h"

#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

TEST(PlaceCard, coversNeitherThePointedRowNorColumnWhereverItFits)
{
    const QRect window(0, 0, 1440, 900);
    const QSize card(320, 230);
    for (int x = 0; x < window.width(); x += 37)
        for (int y = 0; y < window.height(); y += 23) {
            const QRect placed = placeCard({x, y}, card, window);
            EXPECT_TRUE(window.contains(placed)) << x << ", " << y;
            EXPECT_FALSE(x >= placed.left() && x <= placed.right()) << x << ", " << y;
            EXPECT_FALSE(y >= placed.top() && y <= placed.bottom()) << x << ", " << y;
        }
    EXPECT_EQ(placeCard({100, 100}, card, window).topLeft(), QPoint(116, 116));
}

TEST(PlaceCard, staysInsideAWindowThatHasNoRoomForIt)
{
    EXPECT_TRUE(QRect(0, 0, 400, 300).contains(placeCard({200, 150}, {320, 230}, {0, 0, 400, 300})));
}

/// One layer, two lanes, six tokens, a policy that chooses from step 2 on and always keeps token 0.
ViewData smallData()
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec.name = "tova";
    policy->layers = 1;
    policy->lanes = 2;
    policy->tokens = policy->stepsDone = 6;
    policy->choosesFrom = 2;
    policy->byRule.sinks = 1;
    policy->evictStep = {-1, 2, 4, -1, -1, -1, /**/ -1, 3, 4, 5, -1, -1};
    policy->scoreAtEviction.assign(12, std::numeric_limits<float>::quiet_NaN());
    policy->lowestKept = policy->scoreAtEviction;
    policy->scoreAtEviction[1] = 0.25F;
    policy->lowestKept[1] = 0.5F;
    policy->mass.assign(12, 1);
    auto replay = std::make_shared<ReplayResult>();
    replay->tokenIds = {0, 1, 2, 3, 4, 5};
    replay->layers = {Layer{0}};
    replay->policies = {policy};
    return {test::syntheticInfo({.tokens = 6, .layers = 1, .lanes = 2}), nullptr, replay, 6};
}

CardLine lineOf(int token, int step, const SelectionState& state = {})
{
    return cardLines(smallData(), state, token, step).front();
}

TEST(CardLines, withDifferenceSayInHowManyLanesOnlyOneOfTheTwoKeepsIt)
{
    ViewData data = smallData();
    auto replay = std::make_shared<ReplayResult>(*data.replay);
    auto other = std::make_shared<PolicyReplay>(*replay->policies[0]);
    other->evictStep = {-1, 2, 4, -1, -1, -1, /**/ -1, 2, -1, 5, -1, -1};
    replay->policies.push_back(other);
    data.replay = replay;
    SelectionState state;
    state.reference = 1;
    EXPECT_EQ(differenceWords(cardLines(data, state, 1, 2)[0], QStringLiteral("H2O")), "") << "off";
    state.difference = true;
    EXPECT_EQ(differenceWords(cardLines(data, state, 1, 2)[0], QStringLiteral("H2O")), "1 only here, 0 only in H2O, 0 in both");
    EXPECT_EQ(differenceWords(cardLines(data, state, 2, 4)[0], QStringLiteral("H2O")), "0 only here, 1 only in H2O, 0 in both");
    EXPECT_FALSE(cardLines(data, state, 2, 4)[1].against) << "the reference itself";
    state.lanes = {{0, 1}};
    EXPECT_EQ(differenceWords(cardLines(data, state, 2, 4)[0], QStringLiteral("H2O")), "only in H2O");
    EXPECT_EQ(differenceWords(cardLines(data, state, 0, 4)[0], QStringLiteral("H2O")), "in both");
    EXPECT_EQ(differenceWords(cardLines(data, state, 1, 4)[0], QStringLiteral("H2O")), "in neither");
}

TEST(CardLines, sayWhoKeepsTheTokenAndWhenItLeft)
{
    EXPECT_EQ(lineOf(0, 5).fate, "by rule");
    EXPECT_EQ(countWords(lineOf(1, 2)), "1 of 2 lanes");
    EXPECT_EQ(lineOf(1, 2).fate, "left at 2–3");
    EXPECT_EQ(lineOf(2, 5).fate, "left at 4");
    EXPECT_EQ(lineOf(2, 3).fate, "leaves at 4");
    EXPECT_EQ(lineOf(4, 5).fate, "never");
    EXPECT_EQ(lineOf(1, 1).fate, "by rule") << "nothing had to go yet";
    EXPECT_EQ(lineOf(4, 3).fate, "not read yet");
}

TEST(CardLines, tellWhatTheModelsOwnWindowDroppedFromWhatThePolicyChose)
{
    ViewData data = smallData();
    auto info = std::make_shared<TraceInfo>(*data.info);
    info->layerInfo.front().window = 3; // token 1 leaves by itself at step 3, token 2 at 4
    data.info = info;
    EXPECT_EQ(cardLines(data, {}, 1, 5).front().fate, "left at 2–3, 1 by window");
    EXPECT_EQ(cardLines(data, {}, 2, 5).front().fate, "left at 4, model's window");
    EXPECT_EQ(cardLines(data, {}, 3, 5).front().fate, "left at 5, model's window") << "the other lane has it still";
}

TEST(CardLines, oneLaneAlsoTellsTheScores)
{
    SelectionState state;
    state.lanes = {{0, 0}};
    EXPECT_EQ(countWords(lineOf(1, 4, state)), "lost");
    EXPECT_EQ(lineOf(1, 4, state).scores, "score 0.25 when it left, lowest kept 0.5");
    EXPECT_TRUE(lineOf(1, 4).scores.isEmpty());
}

TEST(CardLines, hiddenPoliciesHaveNoLineAndStepsToComeAreNotZero)
{
    SelectionState state;
    state.hidden = {true};
    EXPECT_TRUE(cardLines(smallData(), state, 1, 2).empty());
    ViewData data = smallData();
    auto partial = std::make_shared<PolicyReplay>(*data.replay->policies[0]);
    partial->stepsDone = 3;
    auto replay = std::make_shared<ReplayResult>(*data.replay);
    replay->policies = {partial};
    data.replay = replay;
    const CardLine line = cardLines(data, {}, 1, 4).front();
    EXPECT_FALSE(line.computed);
    EXPECT_EQ(line.fate, "not computed yet");
    EXPECT_TRUE(countWords(line).isEmpty());
}

TEST(HoverCard, opensAfterAMomentClosesAtOnceAndStaysWhenPinned)
{
    QWidget window;
    window.resize(800, 600);
    Selection selection;
    selection.setExtent(6, 1);
    selection.setStep(5);
    HoverCard card(&selection, &window);
    card.setData(smallData());
    window.show();
    selection.setHover(1, {}, window.mapToGlobal(QPoint(100, 100)));
    EXPECT_TRUE(card.isHidden());
    QTRY_VERIFY_WITH_TIMEOUT(card.isVisible(), 2000);
    EXPECT_EQ(card.width(), 320);
    EXPECT_EQ(card.pos(), QPoint(116, 116));
    EXPECT_TRUE(card.accessibleDescription().contains(QStringLiteral("token 1  \u00B7  4 before step 5")));
    selection.setHover({}, {});
    EXPECT_TRUE(card.isHidden());

    selection.setToken(3);
    card.togglePinned(window.mapToGlobal(QPoint(400, 300)));
    EXPECT_TRUE(card.isPinned());
    selection.setHover(1, {}, window.mapToGlobal(QPoint(100, 100)));
    selection.setHover({}, {});
    EXPECT_TRUE(card.isVisible());
    EXPECT_TRUE(card.accessibleDescription().contains(QStringLiteral("token 3")));
    card.togglePinned({});
    EXPECT_TRUE(card.isHidden());
}

TEST(HoverCard, goesWithWhatItStandsOn)
{
    QWidget window;
    window.resize(800, 600);
    Selection selection;
    selection.setExtent(6, 1);
    selection.setStep(5);
    HoverCard card(&selection, &window);
    window.show();
    const auto open = [&](bool pinned) {
        card.setData(smallData());
        selection.setExtent(6, 1);
        selection.setHover({}, {});
        selection.setHover(1, {}, window.mapToGlobal(QPoint(100, 100)));
        EXPECT_TRUE(QTest::qWaitFor([&] { return card.isVisible(); }, 2000));
        if (pinned)
            card.togglePinned({});
        EXPECT_EQ(card.isPinned(), pinned);
    };
    for (const bool pinned : {false, true}) {
        open(pinned);
        card.setData({});
        EXPECT_TRUE(card.isHidden()) << "no card stands on data that is gone";
        EXPECT_FALSE(card.isPinned());
        selection.setExtent(0, 0);
        selection.setFocus(0);
        open(pinned);
        selection.leave();
        EXPECT_TRUE(card.isHidden());
    }
    card.setData({});
    card.togglePinned({});
    EXPECT_TRUE(card.isHidden()) << "nor does one open there";
    open(false);
    selection.setZoom({1, 4, 1, 4});
    EXPECT_TRUE(card.isHidden()) << "another token is under the pointer now";
    open(false);
    selection.setAxis(MapAxis::Distance);
    EXPECT_TRUE(card.isHidden()) << "and here";
    open(false);
    selection.setStep(3);
    EXPECT_TRUE(card.isHidden());
    selection.setStep(5);
    open(true);
    selection.setStep(3);
    EXPECT_TRUE(card.isVisible()) << "a pinned one follows the step";
    EXPECT_TRUE(card.accessibleDescription().contains(QStringLiteral("2 before step 3")))
        << card.accessibleDescription().toStdString();
    card.togglePinned({});
}

} // namespace
} // namespace winnow::views
