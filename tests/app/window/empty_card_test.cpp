// SPDX-License-Identifier: GPL-3.0-or-later
// What the window shows while nothing is open.
#include "app/window/empty_card.h"
#include "tests/app/window/window_fixture.h"

#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTest>

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
