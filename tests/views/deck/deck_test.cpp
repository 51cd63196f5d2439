// SPDX-License-Identifier: GPL-3.0-or-later
// The deck: pixel ↔ token, scrubbing, brushing, zooming the maps, play, and the job at the right.
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/deck/deck_strips.h"
#include "views/deck/deck_transport.h"
#include "views/state/lane_choice.h"

#include "tests/support/synthetic_replay.h"

#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QWheelEvent>

#include <gtest/gtest.h>

#include <set>

namespace winnow::views {
namespace {

class DeckTest : public testing::Test {
protected:
    DeckTest()
    {
        data.info = test::syntheticInfo(options);
        data.replay = test::syntheticReplay(options);
        selection.setExtent(options.tokens, options.policies);
        selection.setStep(300);
        deck.setData(data);
        deck.resize(1440, deck.height());
        deck.show();
        QApplication::processEvents();
        strips = deck.findChild<DeckStrips*>();
    }
    void mouse(QEvent::Type type, const QPointF& at, Qt::MouseButton button = Qt::LeftButton)
    {
        QMouseEvent event(type, at, strips->mapToGlobal(at), type == QEvent::MouseMove ? Qt::NoButton : button,
                          type == QEvent::MouseButtonRelease ? Qt::NoButton : button, {});
        QApplication::sendEvent(strips, &event);
    }
    void drag(const QPointF& from, const QPointF& to, Qt::MouseButton button = Qt::LeftButton)
    {
        mouse(QEvent::MouseButtonPress, from, button);
        mouse(QEvent::MouseMove, (from + to) / 2, button);
        mouse(QEvent::MouseMove, to, button);
        mouse(QEvent::MouseButtonRelease, to, button);
    }
    QPointF onStrip(int strip, double token) const { return {strips->xOf(token), strips->stripRect(strip).center().y()}; }
    QPointF onRuler(double token) const { return {strips->xOf(token), strips->rulerRect().center().y()}; }

    const test::SyntheticOptions options{.tokens = 600, .layers = 2, .lanes = 2, .budget = 64, .policies = 6};
    ViewData data;
    Selection selection;
    Deck deck{&selection};
    DeckStrips* strips = nullptr;
};

TEST_F(DeckTest, isAsHighAsTheLayoutSays)
{
    EXPECT_EQ(deck.height(), 132);
    deck.setCompact(true);
    EXPECT_EQ(deck.height(), 4 + 6 * 6 + std::max(18, strips->neededHeight() - 40) + 28);
    EXPECT_LE(deck.height(), 90);
}

TEST_F(DeckTest, aTickLabelGivesWayToThePlayhead)
{
    const auto ink = [&](int step) { // in the ruler beside the triangle of a step, where the label of token 256 ends
        selection.setStep(step);
        QApplication::processEvents();
        const QImage picture = strips->grab().toImage();
        const QRectF ruler = strips->rulerRect();
        int different = 0;
        for (int y = int(ruler.top()) + 8; y < int(ruler.bottom()) - 1; ++y)
            for (int x = int(strips->xOf(256)) + 7; x < int(strips->xOf(256)) + 11; ++x)
                different += picture.pixelColor(x, y) != picture.pixelColor(int(strips->xOf(272)), y);
        return different;
    };
    EXPECT_GT(ink(100), 0);
    EXPECT_EQ(ink(255), 0) << "half a number says the wrong one";
}

TEST_F(DeckTest, manyPoliciesHaveTheirNamesTwoOnALine)
{
    const test::SyntheticOptions many{.tokens = 600, .layers = 2, .lanes = 2, .budget = 64, .policies = 12};
    data.replay = test::syntheticReplay(many);
    selection.setExtent(many.tokens, many.policies);
    deck.setData(data);
    QApplication::processEvents();
    ASSERT_EQ(strips->stripCount(), 12);
    const double left = strips->xOf(0);
    const QImage picture = strips->grab().toImage();
    const QColor ground = picture.pixelColor(int(left) - 2, 2);
    const auto isWritten = [&](int line, int column) { // any ink in the half of the margin beside two strips
        const QRectF rows = strips->stripRect(2 * line).united(strips->stripRect(2 * line + 1));
        const int from = 12 + column * int(left - 12) / 2;
        for (int y = int(rows.top()); y < int(rows.bottom()); ++y)
            for (int x = from; x < from + int(left - 12) / 2 - 8; ++x)
                if (picture.pixelColor(x, y) != ground)
                    return true;
        return false;
    };
    for (int line = 0; line < 6; ++line)
        for (int column = 0; column < 2; ++column)
            EXPECT_TRUE(isWritten(line, column)) << "policy " << 2 * line + column + 1;
}

TEST_F(DeckTest, pixelsAndTokensMapBothWays)
{
    for (int token = 0; token <= 600; token += 7)
        EXPECT_NEAR(strips->tokenAt(strips->xOf(token)), token, 1e-9);
    EXPECT_EQ(strips->rowAt(strips->stripRect(4).center().y()), 4);
    EXPECT_EQ(strips->rowAt(strips->rulerRect().center().y()), 6);
}

TEST_F(DeckTest, aStripPixelHasTheColorOfTheShareAtTheStep)
{
    selection.setStep(450);
    const QImage image = strips->grab().toImage();
    const Theme& theme = Theme::darkTheme();
    for (int token = 5; token < 595; token += 3) {
        const QPoint at(static_cast<int>(strips->xOf(token + 0.5)), static_cast<int>(strips->stripRect(0).center().y()));
        const bool kept = token > 450 - data.replay->policies[0]->byRule.recent && token <= 450;
        if (std::abs(token - 450) <= 5) // the playhead
            continue;
        EXPECT_EQ(image.pixel(at), token > 450 ? theme.page.rgb() : kept ? theme.rule.back() : theme.none) << token;
    }
}

TEST_F(DeckTest, withDifferenceAStripShowsItsPolicyAgainstTheReference)
{
    selection.setStep(450);
    selection.setReference(1);
    selection.setDifference(true);
    const QImage image = strips->grab().toImage();
    const Theme& theme = Theme::darkTheme();
    const DifferenceTable table = differenceTable(theme);
    const auto cells = differenceCells(*data.replay->policies[3], *data.replay->policies[1],
                                       pairsOf(data, selection.state(), 3, 1), 450, 0, 600);
    std::set<QRgb> seen;
    for (int token = 5; token < 595; token += 2) {
        const QPoint at(static_cast<int>(strips->xOf(token + 0.5)), static_cast<int>(strips->stripRect(3).center().y()));
        if (std::abs(token - 450) <= 5) // the playhead
            continue;
        EXPECT_EQ(image.pixel(at), table[cells[static_cast<std::size_t>(token)]]) << token;
        seen.insert(image.pixel(at));
    }
    EXPECT_GT(seen.size(), 3U);
    const QPoint own(static_cast<int>(strips->xOf(449.5)), static_cast<int>(strips->stripRect(1).center().y()));
    EXPECT_EQ(image.pixel(own.x() - 10, own.y()), theme.rule.back()) << "the reference's own strip stays plain";
}

TEST_F(DeckTest, theRulerScrubs)
{
    drag(onRuler(100.5), onRuler(420.5));
    EXPECT_EQ(selection.state().step, 420);
    drag(onRuler(420.5), onRuler(5000));
    EXPECT_EQ(selection.state().step, 599);
    EXPECT_FALSE(selection.state().tokenRange);
}

TEST_F(DeckTest, aStripChoosesItsTokenAndPolicyAndBrushes)
{
    drag(onStrip(3, 200.5), onStrip(3, 200.5));
    EXPECT_EQ(selection.state().token, 200);
    EXPECT_EQ(selection.state().focus, 3);
    EXPECT_EQ(selection.state().step, 300) << "only the ruler moves the step";
    drag(onStrip(1, 100.5), onStrip(1, 150.5));
    EXPECT_EQ(selection.state().tokenRange, (Range{100, 151}));
    drag(onStrip(1, 151), onStrip(1, 180.5));
    EXPECT_EQ(selection.state().tokenRange, (Range{100, 181}));
}

TEST_F(DeckTest, theWheelZoomsTheMapsAlongTokensOnlyAndDoubleClickFits)
{
    const QPointF at = onStrip(2, 250);
    QWheelEvent event(at, strips->mapToGlobal(at), {}, {0, 360}, Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(strips, &event);
    const Zoom zoom = selection.state().zoom;
    EXPECT_FALSE(zoom.isEmpty());
    EXPECT_LT(zoom.tokenEnd - zoom.tokenBegin, 400);
    EXPECT_EQ(zoom.stepBegin, 0);
    EXPECT_EQ(zoom.stepEnd, 600);
    EXPECT_NEAR((250 - zoom.tokenBegin) / (zoom.tokenEnd - zoom.tokenBegin), 250 / 600.0, 1e-9) << "held at the pointer";
    drag(onStrip(2, 250), onStrip(2, 270), Qt::MiddleButton);
    EXPECT_NEAR(selection.state().zoom.tokenBegin, zoom.tokenBegin + 20, 1e-6);
    mouse(QEvent::MouseButtonDblClick, at);
    EXPECT_TRUE(selection.state().zoom.isEmpty());
}

TEST_F(DeckTest, playRunsToTheEndAndStopsThere)
{
    QSignalSpy playing(&deck, &Deck::playingChanged);
    deck.setSpeed(8); // 600 tokens in 2.5 s
    selection.setStep(580);
    deck.play();
    EXPECT_TRUE(deck.isPlaying());
    for (int wait = 0; wait < 400 && deck.isPlaying(); ++wait) {
        QApplication::processEvents(QEventLoop::AllEvents, 10);
        QThread::msleep(5);
    }
    EXPECT_FALSE(deck.isPlaying());
    EXPECT_EQ(selection.state().step, 599);
    ASSERT_EQ(playing.count(), 2);
    deck.play();
    EXPECT_LT(selection.state().step, 100) << "from the end it starts again";
    deck.pause();
}

TEST_F(DeckTest, speedStaysBetweenAQuarterAndEight)
{
    for (int i = 0; i < 10; ++i)
        deck.slower();
    EXPECT_EQ(deck.speed(), 0.25);
    for (int i = 0; i < 10; ++i)
        deck.faster();
    EXPECT_EQ(deck.speed(), 8);
}

TEST_F(DeckTest, showsAJobWithStopAndTakesItAway)
{
    auto* stop = deck.jobArea()->findChild<QPushButton*>();
    ASSERT_TRUE(stop);
    EXPECT_FALSE(stop->isVisible());
    deck.setJob(QStringLiteral("Replay: 2 of 6 · 1.4 s left"), 0.3);
    EXPECT_TRUE(stop->isVisible());
    QSignalSpy stopped(&deck, &Deck::stopRequested);
    stop->click();
    EXPECT_EQ(stopped.count(), 1);
    deck.setJob({});
    EXPECT_FALSE(stop->isVisible());
}

TEST_F(DeckTest, worksWithoutAnyData)
{
    deck.setData({});
    deck.setSearchHits({1, 2});
    deck.grab();
    mouse(QEvent::MouseButtonPress, {200, 10});
    deck.play();
    SUCCEED();
}

TEST_F(DeckTest, aStepThatIsNotComputedIsHatchedAndNotKept)
{
    auto half = std::make_shared<PolicyReplay>(*data.replay->policies[1]);
    half->stepsDone = 200;
    auto replay = std::make_shared<ReplayResult>(*data.replay);
    replay->policies[1] = half;
    data.replay = replay;
    deck.setData(data);
    const auto colors = [&](int strip) {
        const QImage picture = strips->grab().toImage();
        std::set<QRgb> found;
        const QRect row = strips->stripRect(strip).toRect();
        for (int x = row.left() + 2; x < row.right() - 2; ++x)
            for (int y = row.top() + 1; y < row.bottom(); ++y)
                found.insert(picture.pixel(x, y));
        return found;
    };
    const Theme& theme = Theme::darkTheme();
    const QRgb kept = theme.choice.back();
    selection.setStep(100);
    EXPECT_TRUE(colors(1).contains(kept));
    selection.setStep(300);
    EXPECT_FALSE(colors(1).contains(kept)) << "the replay has not come to step 300";
    EXPECT_TRUE(colors(1).contains(theme.page.rgb()));
    EXPECT_TRUE(colors(2).contains(kept)) << "the other policies have";
}

TEST_F(DeckTest, aShorterTextMayTakeThePlaceOfALongOneWhileRowsAreCounted)
{
    constexpr int kTokens = 4000, kLayers = 40, kLanes = 64; // so many are counted in the background
    data.replay = test::syntheticReplay({.tokens = 64, .budget = 8, .policies = 6});
    data.info = test::syntheticInfo({.tokens = 64});
    selection.setExtent(64, 6);
    deck.setData(data);
    auto policy = std::make_shared<PolicyReplay>(*data.replay->policies[1]);
    policy->layers = kLayers;
    policy->lanes = kLanes;
    policy->tokens = policy->stepsDone = kTokens;
    policy->evictStep.assign(static_cast<std::size_t>(kLayers) * kLanes * kTokens, -1);
    auto large = std::make_shared<ReplayResult>();
    large->tokenIds.resize(kTokens);
    large->policies.assign(6, policy);
    selection.setExtent(kTokens, 6);
    deck.setData({.replay = large});
    deck.setTheme(Theme::lightTheme()); // draws what is there, which must not be the rows of 64 tokens
    deck.grab();
    deck.setData(data);
    selection.setExtent(64, 6);
    deck.setTheme(Theme::darkTheme());
    deck.grab();
}

TEST_F(DeckTest, aHiddenPolicyLosesItsStrip)
{
    selection.setHidden(0, true);
    EXPECT_EQ(strips->stripCount(), 5);
    EXPECT_EQ(deck.height(), 120);
}

TEST(ViewBarTest, theScaleMenuChoosesOnce)
{
    Selection selection;
    ViewBar bar(&selection);
    EXPECT_EQ(bar.height(), 34);
    QSignalSpy chosen(&bar, &ViewBar::scaleChosen);
    const auto actions = bar.findChild<QMenu*>()->actions();
    ASSERT_EQ(actions.size(), 4);
    actions[1]->trigger();
    actions[1]->trigger();
    EXPECT_EQ(chosen.count(), 1);
    EXPECT_EQ(bar.scale(), ScaleKind::Log);
}

} // namespace
} // namespace winnow::views
