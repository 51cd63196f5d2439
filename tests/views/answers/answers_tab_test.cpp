// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/synthetic_replay.h"
#include "views/answers/answers_tab.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTextBrowser>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

struct Shown {
    Selection selection;
    AnswersTab tab{&selection};
    Shown()
    {
        selection.setExtent(64, 2);
        tab.resize(900, 300);
        tab.show();
    }
    void open() { tab.setData({test::syntheticInfo({.tokens = 64}), nullptr, nullptr, 64}); }
    void choose(int from) { tab.findChild<QComboBox*>()->setCurrentIndex(from); }
};

TEST(AnswersTab, saysWhatToDoInTheMiddleAndAnswersAtTheTop)
{
    Shown shown;
    shown.open();
    const auto* browser = shown.tab.findChild<QTextBrowser*>();
    const auto top = [browser] { return browser->cursorRect(QTextCursor(browser->document())).top(); };
    EXPECT_GT(top(), browser->height() / 3);
    EXPECT_LT(top(), browser->height() / 2);
    shown.tab.setAnswers({{.policy = 0, .name = QStringLiteral("H2O"), .same = QStringLiteral("grape")}}, {});
    EXPECT_LT(top(), 20);
}

TEST(AnswersTab, asksForTheRecordingUpToTheStepOrTheMarkOrForAPrompt)
{
    Shown shown;
    EXPECT_FALSE(shown.tab.button()->isEnabled()) << "nothing is open";
    shown.open();
    shown.selection.setStep(40);
    EXPECT_TRUE(shown.tab.button()->isEnabled());
    EXPECT_EQ(shown.tab.wish().recorded, 41);
    shown.choose(1);
    EXPECT_FALSE(shown.tab.button()->isEnabled()) << "no span is marked";
    shown.selection.setSpans({{Range{10, 20}, QStringLiteral("needle")}});
    EXPECT_TRUE(shown.tab.button()->isEnabled());
    EXPECT_EQ(shown.tab.wish().recorded, 20);
    shown.choose(2);
    EXPECT_FALSE(shown.tab.button()->isEnabled());
    shown.tab.promptField()->setText(QStringLiteral("Once upon"));
    EXPECT_EQ(shown.tab.wish().recorded, 0);
    int asked = 0;
    QObject::connect(&shown.tab, &AnswersTab::wanted, [&](const AnswerWish& wish) {
        ++asked;
        EXPECT_EQ(wish.typed, QStringLiteral("Once upon"));
    });
    shown.tab.button()->click();
    EXPECT_EQ(asked, 1);
    shown.tab.setBusy(true);
    shown.tab.button()->click();
    EXPECT_EQ(asked, 1);
}

TEST(AnswersTab, marksTheFirstDifference)
{
    Shown shown;
    shown.open();
    shown.tab.setAnswers({{.policy = 0,
                           .name = QStringLiteral("1 Full"),
                           .same = QStringLiteral("a <b>\nc"),
                           .own = {},
                           .note = QStringLiteral("3 tokens")},
                          {.policy = 1,
                           .name = QStringLiteral("2 Window"),
                           .same = QStringLiteral("a "),
                           .own = QStringLiteral("dog"),
                           .note = QStringLiteral("2 tokens")}},
                         QStringLiteral("1 of 1 differ"));
    EXPECT_EQ(shown.tab.copyableText(), QStringLiteral("1 Full (3 tokens)\na <b>\nc\n\n2 Window (2 tokens)\na  >>> dog"));
    EXPECT_TRUE(shown.tab.browser()->toPlainText().contains(QStringLiteral("a <b>"))) << "text is no markup";
    EXPECT_TRUE(shown.tab.browser()->toPlainText().contains(QStringLiteral("a \u25B8dog")));
    shown.tab.setData({test::syntheticInfo({.tokens = 32}), nullptr, nullptr, 32});
    EXPECT_EQ(shown.tab.copyableText(), QString()) << "answers go with their recording";
}

} // namespace
} // namespace winnow::views
