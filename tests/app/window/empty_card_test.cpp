// SPDX-License-Identifier: GPL-3.0-or-later
// What the window shows while nothing is open.
#include "app/window/empty_card.h"
#include "tests/app/window/window_fixture.h"
#include "tests/support/large_font.h"

#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

QPushButton* button(const QWidget& card, const QString& text)
{
    for (QPushButton* one : card.findChildren<QPushButton*>())
        if (one->text() == text)
            return one;
    return nullptr;
}

bool says(const QWidget& card, const QString& words)
{
    for (const QLabel* label : card.findChildren<QLabel*>())
        if (label->isVisibleTo(&card) && label->text().contains(words))
            return true;
    return false;
}

} // namespace

TEST(EmptyCard, offersAModelARecordingAndTheDemo)
{
    EmptyCard card;
    QSignalSpy model(&card, &EmptyCard::modelWanted), recording(&card, &EmptyCard::recordingWanted),
        demo(&card, &EmptyCard::demoWanted);
    button(card, QStringLiteral("Open model…"))->click();
    button(card, QStringLiteral("Open recording…"))->click();
    button(card, QStringLiteral("Demo"))->click();
    EXPECT_EQ(model.size(), 1);
    EXPECT_EQ(recording.size(), 1);
    EXPECT_EQ(demo.size(), 1);
}

TEST(EmptyCard, listsUpToSixRecentFilesByTheirNames)
{
    EmptyCard card;
    EXPECT_FALSE(says(card, QStringLiteral("Recent")));
    QStringList paths;
    for (int i = 1; i <= 8; ++i)
        paths << QStringLiteral("/data/run/%1.h5").arg(i);
    card.setRecent(paths);
    EXPECT_TRUE(says(card, QStringLiteral("Recent")));
    QSignalSpy wanted(&card, &EmptyCard::fileWanted);
    EXPECT_NE(button(card, QStringLiteral("6.h5")), nullptr);
    EXPECT_EQ(button(card, QStringLiteral("7.h5")), nullptr);
    button(card, QStringLiteral("2.h5"))->click();
    ASSERT_EQ(wanted.size(), 1);
    EXPECT_EQ(wanted.front().front().toString(), QStringLiteral("/data/run/2.h5"));
    card.setRecent({});
    EXPECT_EQ(button(card, QStringLiteral("2.h5")), nullptr);
}

TEST(EmptyCard, cutsNoWordAtTwiceTheFont)
{
    const testing_support::LargeFont twice(2);
    QFont font = QApplication::font();
    QApplication::setFont(views::uiFont());
    EmptyCard card;
    QStringList paths;
    for (int i = 1; i <= 6; ++i)
        paths << QStringLiteral("/data/run/%1.h5").arg(i);
    card.setRecent(paths);
    card.resize(900, 560);
    card.show();
    QTest::qWait(20);
    for (const QWidget* one : card.findChildren<QWidget*>()) {
        if (!one->isVisible())
            continue;
        EXPECT_TRUE(card.rect().contains(QRect(one->mapTo(&card, QPoint(0, 0)), one->size())));
        if (const auto* pressed = qobject_cast<const QPushButton*>(one)) {
            EXPECT_GE(one->width(), one->fontMetrics().horizontalAdvance(pressed->text())) << qPrintable(pressed->text());
        }
        if (const auto* words = qobject_cast<const QLabel*>(one)) {
            EXPECT_GE(one->height(), words->wordWrap() ? words->heightForWidth(one->width()) : words->sizeHint().height())
                << qPrintable(words->text());
        }
    }
    EXPECT_TRUE(button(card, QStringLiteral("1.h5"))->isVisible());
    EXPECT_FALSE(button(card, QStringLiteral("6.h5"))->isVisible()) << "there is no room; the menu has it";
    card.resize(900, 1400);
    QTest::qWait(20);
    EXPECT_TRUE(button(card, QStringLiteral("6.h5"))->isVisible());
    QApplication::setFont(font);
}

TEST(EmptyCard, saysWhatADropWouldDo)
{
    EmptyCard card;
    EXPECT_TRUE(says(card, QStringLiteral("anywhere in this window")));
    card.setDropText(QStringLiteral("Open the session 'a.winnow'"));
    EXPECT_TRUE(says(card, QStringLiteral("Open the session 'a.winnow'")));
    EXPECT_FALSE(says(card, QStringLiteral("anywhere in this window")));
    card.setDropText({});
    EXPECT_TRUE(says(card, QStringLiteral("anywhere in this window")));
}

TEST(EmptyCard, isWhatTheWindowShowsUntilSomethingIsOpenAndAfterItIsClosed)
{
    QSettings().remove(QStringLiteral("recent"));
    MainWindow window;
    window.show();
    auto* card = window.findChild<EmptyCard*>();
    ASSERT_NE(card, nullptr);
    EXPECT_TRUE(card->isVisible());
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    EXPECT_FALSE(card->isVisible());
    window.closeData();
    EXPECT_TRUE(card->isVisible());
    EXPECT_FALSE(window.action(QStringLiteral("close"))->isEnabled());
    QPushButton* recent = button(*card, QStringLiteral("short.h5"));
    ASSERT_NE(recent, nullptr) << "what was open is one click away";
    recent->click();
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(files().trace.toStdString()));
    QSettings().setValue(QStringLiteral("recent"), QStringList{QStringLiteral("/nowhere/gone.h5")});
    const MainWindow next;
    EXPECT_EQ(button(*next.findChild<EmptyCard*>(), QStringLiteral("gone.h5")), nullptr) << "what is gone is not offered";
    QSettings().remove(QStringLiteral("recent"));
}
