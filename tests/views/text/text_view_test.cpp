// SPDX-License-Identifier: GPL-3.0-or-later
// The text view's colors and gestures, offscreen.
#include "core/analysis/overlap.h"
#include "core/analysis/retention.h"
#include "tests/support/synthetic_replay.h"
#include "views/plot/color_scale.h"
#include "views/state/lane_choice.h"
#include "views/style/chip.h"
#include "views/style/dock_style.h"
#include "views/text/text_view.h"

#include <QGuiApplication>
#include <QLineEdit>
#include <QScrollBar>
#include <QStyleHints>
#include <QTest>

#include <gtest/gtest.h>

#include <algorithm>

namespace winnow::views {
namespace {

class TextViewTest : public testing::Test {
protected:
    TextViewTest()
    {
        data = {test::syntheticInfo(options), nullptr, test::syntheticReplay(options), options.tokens};
        selection.setExtent(options.tokens, options.policies);
        selection.setFocus(3);
        selection.setStep(300);
        view.setTheme(theme);
        view.setData(data);
        view.resize(344, 708);
        view.show();
        QCoreApplication::processEvents();
    }
    QPoint centerOf(int token) const { return view.tokenRect(token).center(); }
    void click(int token, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(view.viewport(), Qt::LeftButton, modifiers, centerOf(token));
    }

    const test::SyntheticOptions options{.tokens = 1200, .layers = 3, .lanes = 2, .budget = 64};
    const Theme& theme = Theme::lightTheme();
    ViewData data;
    Selection selection;
    TextView view{&selection};
};

TEST_F(TextViewTest, aTokensGroundIsItsShareOfLanesAtTheStep)
{
    const QImage image = view.viewport()->grab().toImage();
    const PolicyReplay& policy = *data.replay->policies[3];
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(options.tokens));
    keptBytes(policy, lanesOf(data, selection.state(), 3), 300, 0, bytes);
    int choice = 0, rule = 0, gone = 0, unread = 0;
    for (int token = 0; token < options.tokens; ++token) {
        const QRect box = view.tokenRect(token);
        if (!view.viewport()->rect().contains(box) || token == 300)
            continue;
        const QRgb ground = image.pixel(box.left() + 1, box.top() + 1);
        const std::uint8_t byte = bytes[static_cast<std::size_t>(token)];
        if (byte == kUnborn || byte == 0) {
            EXPECT_EQ(ground, theme.panel.rgb()) << token;
            ++(byte == 0 ? gone : unread);
        } else if (byte < kUnborn) {
            EXPECT_EQ(ground, theme.text[byte]) << token;
            ++choice;
        } else {
            EXPECT_EQ(ground, mixOkLab(theme.panel.rgb(), theme.textRule.rgb(), (byte - kByRule) / 126.0)) << token;
            ++rule;
        }
    }
    EXPECT_GT(choice, 3);
    EXPECT_GT(rule, 3);
    EXPECT_GT(gone, 3);
    EXPECT_GT(unread, 3);
}

TEST_F(TextViewTest, withDifferenceTheGroundsSayWhoKeepsATokenAndDivergingOnesAreOutlined)
{
    selection.setReference(1);
    selection.setDifference(true);
    const PolicyReplay &focus = *data.replay->policies[3], &reference = *data.replay->policies[1];
    const LanePairs pairs = pairsOf(data, selection.state(), 3, 1);
    selection.setStep(*nextDivergence(focus, reference, pairs, 300, 1));
    const int step = selection.state().step;
    const QImage image = view.viewport()->grab().toImage();
    const DifferenceTable table = textDifferenceGrounds(theme);
    const auto cells = differenceCells(focus, reference, pairs, step, 0, options.tokens);
    const auto diverging = divergingTokens(focus, reference, pairs, step, 0, options.tokens);
    ASSERT_FALSE(diverging.empty());
    int checked = 0, outlined = 0;
    for (int token = 0; token < step; ++token) {
        const QRect box = view.tokenRect(token);
        if (!view.viewport()->rect().contains(box))
            continue;
        const bool parts = std::find(diverging.begin(), diverging.end(), token) != diverging.end();
        const QRgb ground = table[cells[static_cast<std::size_t>(token)]];
        EXPECT_EQ(image.pixel(box.left() + 1, box.top() + 1), ground != 0 ? ground : theme.panel.rgb()) << token;
        EXPECT_EQ(image.pixel(box.topLeft()) == referenceAccentOf(theme).rgb(), parts) << token;
        ++checked;
        outlined += parts;
    }
    EXPECT_GT(checked, 50);
    EXPECT_GT(outlined, 0);
}

TEST_F(TextViewTest, tokensThatCarryTheBrushAreUnderlined)
{
    const std::vector<int> carriers{285, 290, 291};
    selection.setCarriers(carriers);
    const QImage image = view.viewport()->grab().toImage();
    for (int token = 280; token < 299; ++token) {
        const QRect box = view.tokenRect(token);
        ASSERT_TRUE(view.viewport()->rect().contains(box));
        EXPECT_EQ(image.pixel(box.center().x(), box.bottom()) == accentOf(theme).rgb(), std::ranges::count(carriers, token) > 0)
            << token;
    }
}

TEST_F(TextViewTest, clickSelectsDoubleClickSetsTheStepAndDragBrushes)
{
    click(290);
    EXPECT_EQ(selection.state().token, 290);
    QTest::qWait(QGuiApplication::styleHints()->mouseDoubleClickInterval() + 20);
    const QPoint there = centerOf(280);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, there);
    QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, there);
    EXPECT_EQ(selection.state().step, 280);
    EXPECT_EQ(selection.state().token, 290) << "the first of the two clicks is taken back";

    const QPoint from = centerOf(270), to = centerOf(260);
    QTest::mousePress(view.viewport(), Qt::LeftButton, {}, from);
    QTest::mouseMove(view.viewport(), to);
    QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, to);
    EXPECT_EQ(selection.state().tokenRange, (Range{260, 271}));
    EXPECT_EQ(selection.state().token, 290) << "a drag selects nothing";

    // The brush's end is taken and dragged on.
    const QRect last = view.tokenRect(270);
    QTest::mousePress(view.viewport(), Qt::LeftButton, {}, QPoint(last.right(), last.center().y()));
    QTest::mouseMove(view.viewport(), centerOf(275));
    QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, centerOf(275));
    EXPECT_EQ(selection.state().tokenRange, (Range{260, 276}));
}

TEST_F(TextViewTest, hoverIsSharedAndLeavesWithThePointer)
{
    QTest::mouseMove(view.viewport(), centerOf(285));
    EXPECT_EQ(selection.hoverToken(), 285);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(view.viewport(), &leave);
    EXPECT_FALSE(selection.hoverToken());
}

TEST_F(TextViewTest, theStepStaysAtSeventyPerCentUntilTheUserScrolls)
{
    for (const int step : {500, 600, 601, 700}) {
        selection.setStep(step);
        const double share = view.tokenRect(step).top() / static_cast<double>(view.viewport()->height() - 22);
        EXPECT_NEAR(share, 0.7, 0.01) << step;
    }
    const int before = view.verticalScrollBar()->value();
    view.verticalScrollBar()->setValue(before - 200);
    EXPECT_FALSE(view.followsStep());
    selection.setStep(710);
    EXPECT_EQ(view.verticalScrollBar()->value(), before - 200);
    view.followStep();
    EXPECT_TRUE(view.followsStep());
    EXPECT_NEAR(view.tokenRect(710).top() / static_cast<double>(view.viewport()->height() - 22), 0.7, 0.01);
}

TEST_F(TextViewTest, findGoesFromHitToHitAndTellsTheDeck)
{
    std::vector<int> hits;
    QObject::connect(&view, &TextView::hitsChanged, &view, [&](const std::vector<int>& tokens) { hits = tokens; });
    view.openSearch();
    const std::string word(tokenText(*data.info, Position{400}));
    view.findChild<QLineEdit*>()->setText(QString::fromStdString(word).trimmed().toUpper());
    ASSERT_FALSE(hits.empty()) << "the case does not matter";
    EXPECT_TRUE(std::find(hits.begin(), hits.end(), 400) != hits.end());
    EXPECT_TRUE(std::is_sorted(hits.begin(), hits.end()));
    EXPECT_TRUE(view.viewport()->rect().intersects(view.tokenRect(hits.front())) || hits.size() > 1);
    view.closeSearch();
    EXPECT_TRUE(hits.empty());
}

TEST_F(TextViewTest, tokensNotYetRecordedAreNotThere)
{
    data.tokensRecorded = 290;
    data.replay = nullptr;
    view.setData(data);
    selection.setStep(289);
    EXPECT_EQ(view.tokenAt(centerOf(289)), 289);
    EXPECT_EQ(view.tokenAt(centerOf(290)), -1);
}

TEST_F(TextViewTest, altArrowsMoveTheTokenAndShiftBrushes)
{
    selection.setToken(280);
    QTest::keyClick(&view, Qt::Key_Right, Qt::AltModifier);
    EXPECT_EQ(selection.state().token, 281);
    QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier | Qt::ShiftModifier);
    EXPECT_EQ(selection.state().token, 280);
    EXPECT_EQ(selection.state().tokenRange, (Range{280, 282}));
    QTest::keyClick(&view, Qt::Key_Left, Qt::AltModifier | Qt::ShiftModifier);
    EXPECT_EQ(selection.state().tokenRange, (Range{279, 282}));
    QTest::keyClick(&view, Qt::Key_Return, Qt::AltModifier);
    EXPECT_EQ(selection.state().step, 279);
    const std::string& text = data.info->text;
    const std::size_t begin = static_cast<std::size_t>(data.info->offsets[279][0]),
                      end = static_cast<std::size_t>(data.info->offsets[281][1]);
    EXPECT_EQ(view.copyableText().toStdString(), text.substr(begin, end - begin));
}

TEST_F(TextViewTest, barsWidenThePitchFrom22To36)
{
    const auto pitch = [&] { // between the lines of the first token of two neighboring lines
        int top = view.tokenRect(0).top(), token = 1;
        while (view.tokenRect(token).top() == top)
            ++token;
        return view.tokenRect(token).top() - top;
    };
    EXPECT_EQ(pitch(), 22);
    view.setBars(true);
    EXPECT_EQ(pitch(), 36);
}

TEST_F(TextViewTest, theWayBackToTheStepCoversNoText)
{
    const auto* pill = view.findChild<Chip*>();
    ASSERT_NE(pill, nullptr);
    EXPECT_TRUE(pill->isHidden());
    const int all = view.viewport()->geometry().bottom();
    view.verticalScrollBar()->setValue(view.verticalScrollBar()->value() - 300);
    EXPECT_FALSE(pill->isHidden());
    EXPECT_GT(pill->geometry().top(), view.viewport()->geometry().bottom());
    EXPECT_LE(pill->geometry().bottom(), view.height());
    view.followStep();
    EXPECT_TRUE(pill->isHidden());
    EXPECT_EQ(view.viewport()->geometry().bottom(), all);
}

TEST_F(TextViewTest, scrollingEndsTheHoverForAnotherTokenIsUnderThePointer)
{
    QTest::mouseMove(view.viewport(), centerOf(291));
    ASSERT_EQ(selection.hoverToken(), 291);
    view.verticalScrollBar()->setValue(view.verticalScrollBar()->value() - 66);
    EXPECT_FALSE(selection.hoverToken());
}

} // namespace
} // namespace winnow::views
