// SPDX-License-Identifier: GPL-3.0-or-later
// Sizes: the first window fits into the screen, and a wide window and a narrow one remember theirs apart.
#include "app/window/arrangement.h"

#include "tests/app/window/window_fixture.h"
#include "tests/support/large_font.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"

#include <QSettings>
#include <QTabBar>
#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

struct NoSettings {
    NoSettings() { QSettings().remove(QStringLiteral("window")); }
    ~NoSettings() { QSettings().remove(QStringLiteral("window")); }
};

} // namespace

TEST(Fitted, aWindowLiesInsideTheScreenWithItsFrame)
{
    const QRect screen(0, 24, 1280, 776);
    const QMargins frame(4, 30, 4, 4);
    const QRect inner = screen.marginsRemoved(frame);
    EXPECT_EQ(fitted({100, 100, 900, 600}, screen, frame), QRect(100, 100, 900, 600)) << "what fits stays";
    EXPECT_EQ(fitted({0, 0, 1440, 900}, screen, frame), inner) << "what is too large gets all there is";
    EXPECT_EQ(fitted({900, 500, 900, 600}, screen, frame), QRect(inner.right() - 899, inner.bottom() - 599, 900, 600))
        << "what hangs out is moved";
    EXPECT_EQ(fitted({-300, -200, 900, 600}, screen, frame), QRect(inner.topLeft(), QSize(900, 600)));
}

TEST(Arrangement, theFirstWindowFitsIntoTheScreenAndSoDoesARestoredOne)
{
    const NoSettings none;
    const QRect screen = QApplication::primaryScreen()->availableGeometry();
    {
        MainWindow window;
        EXPECT_TRUE(screen.contains(window.geometry())) << window.width() << " x " << window.height();
        window.resize(1900, 1300); // on a larger screen
        window.close();
    }
    const MainWindow next;
    EXPECT_TRUE(screen.contains(next.geometry())) << next.width() << " x " << next.height();
}

TEST(Arrangement, wideAndNarrowWindowsRememberTheirSizesApart)
{
    const NoSettings none;
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    const Arrangement& arrangement = *window.arrangement();
    ASSERT_TRUE(arrangement.isLeftShown());
    const int lower = window.lowerDock()->heights()[0];
    window.resize(1000, 800);
    EXPECT_FALSE(arrangement.isLeftShown()) << "narrow: it drops down from its chip";
    EXPECT_FALSE(arrangement.isTextShown()) << "it is a tab of the lower dock, which is closed";
    window.lowerDock()->setHeights({150, 150, 150, 150});
    window.resize(1440, 900);
    EXPECT_TRUE(arrangement.isLeftShown());
    EXPECT_TRUE(arrangement.isTextShown());
    EXPECT_EQ(window.lowerDock()->heights()[0], lower);
    window.arrangement()->toggleLeft();
    window.resize(1000, 800);
    window.arrangement()->toggleText();
    EXPECT_TRUE(arrangement.isTextShown());
    EXPECT_EQ(window.lowerDock()->heights()[0], 150);
    window.resize(1440, 900);
    EXPECT_FALSE(arrangement.isLeftShown()) << "which the wide window remembers";
    window.close();

    MainWindow next;
    next.resize(1440, 900);
    next.show();
    drop(next, {files().trace, files().replay});
    ASSERT_TRUE(settle(next));
    EXPECT_FALSE(next.arrangement()->isLeftShown());
    EXPECT_TRUE(next.arrangement()->isTextShown());
}

TEST(Arrangement, givesNoPaneASizeBelowNothing)
{
    static QStringList said; // by Qt
    const auto before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext&, const QString& words) { said << words; });
    {
        MainWindow window;
        EXPECT_TRUE(showsFiles(window));
        for (const QSize size : {QSize(900, 600), QSize(1400, 850), QSize(1000, 620), QSize(900, 600)}) {
            window.resize(size);
            QTest::qWait(50);
        }
    }
    qInstallMessageHandler(before);
    EXPECT_TRUE(said.filter(QStringLiteral("Negative sizes")).isEmpty()) << said.join(QLatin1Char('\n')).toStdString();
}

TEST(Arrangement, aNarrowWindowShowsTheMapsAndHasTheRestAtHand)
{
    const NoSettings none;
    MainWindow window;
    ASSERT_TRUE(showsFiles(window, {900, 600}));
    views::LowerDock& lower = *window.lowerDock();
    EXPECT_EQ(lower.height(), lower.closedHeight()) << "only its tab bar";
    EXPECT_EQ(window.mapGrid()->width(), 900);
    EXPECT_GE(window.mapGrid()->height(), 385) << "3 x 2 panels without scrolling";
    ASSERT_EQ(lower.tabText(0).toStdString(), "Text");
    EXPECT_FALSE(window.textView()->isVisible());

    window.find();
    EXPECT_TRUE(window.textView()->isVisible());
    EXPECT_TRUE(window.arrangement()->isTextShown());
    const auto click = [&lower](int tab) {
        auto* bar = lower.findChild<QTabBar*>();
        QTest::mouseClick(bar, Qt::LeftButton, {}, bar->tabRect(tab).center());
    };
    click(0);
    EXPECT_EQ(lower.height(), lower.closedHeight()) << "the same click closes it";
    click(1);
    EXPECT_GT(lower.height(), lower.closedHeight());
    EXPECT_EQ(lower.currentTab(), 0);
    window.showLowerTab(2);
    EXPECT_EQ(lower.tabText(lower.currentIndex()).toStdString(), "Attention");

    window.resize(1440, 900);
    EXPECT_EQ(lower.tabText(0).toStdString(), "Quality");
    EXPECT_EQ(lower.currentTab(), 2);
    EXPECT_TRUE(window.textView()->isVisible());
    EXPECT_FALSE(lower.isAncestorOf(window.textView()));
}

TEST(Arrangement, aHighTabAndTheHintLeaveRoomForBothRowsOfMaps)
{
    const NoSettings none;
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    ASSERT_EQ(window.workspace()->data().replay->policies.size(), 6U);
    window.hint()->show(Band::Kind::Hint, QStringLiteral("a hint"));
    for (const int tab : {2, 3}) {
        window.showLowerTab(tab);
        QTest::qWait(20);
        EXPECT_GE(window.mapGrid()->height(), window.mapGrid()->leastHeight()) << "a row has to be scrolled to";
        EXPECT_GT(window.lowerDock()->height(), 300) << "and the tab has nearly its height";
    }
    window.lowerDock()->rememberHeight(391); // as a drag of the splitter does
    window.hint()->hide();
    QTest::qWait(20);
    EXPECT_EQ(window.lowerDock()->height(), 391) << "a height that was chosen is kept";
}

TEST(Arrangement, policiesAndLanesDropDownFromTheirChipsInANarrowWindow)
{
    const NoSettings none;
    MainWindow window;
    ASSERT_TRUE(showsFiles(window, {900, 600}));
    const auto* chips = window.findChild<views::ContextBar*>();
    EXPECT_FALSE(window.policyList()->isVisible());
    QTest::mouseClick(chips->policiesChip(), Qt::LeftButton);
    EXPECT_TRUE(window.policyList()->isVisible());
    EXPECT_TRUE(window.rect().contains(QRect(window.policyList()->mapTo(&window, QPoint(0, 0)), window.policyList()->size())));
    QTest::mouseClick(chips->lanesChip(), Qt::LeftButton);
    EXPECT_TRUE(window.laneGrid()->isVisible());
    EXPECT_FALSE(window.policyList()->isVisible()) << "one at a time";
    QTest::mouseClick(chips->lanesChip(), Qt::LeftButton);
    EXPECT_FALSE(window.laneGrid()->isVisible()) << "the same click closes it";
    window.mapGrid()->setFocus();
    const QWidget* focus = window.focusWidget();
    window.action(QStringLiteral("left-dock"))->trigger();
    ASSERT_TRUE(window.policyList()->isVisible());
    EXPECT_TRUE(window.policyList()->isAncestorOf(window.focusWidget()) || window.policyList()->hasFocus());
    window.dropFilter();
    EXPECT_EQ(window.focusWidget(), focus) << "the keys are where they were";
    EXPECT_FALSE(window.policyList()->isVisible()) << "Esc closes it";
    window.arrangement()->showLeft();
    QTest::mouseClick(window.deck(), Qt::LeftButton, {}, QPoint(2, 2));
    EXPECT_FALSE(window.policyList()->isVisible()) << "so does a click elsewhere";
    window.arrangement()->showLeft();
    window.resize(1440, 900);
    EXPECT_TRUE(window.policyList()->isVisible());
    EXPECT_TRUE(window.laneGrid()->isVisible());
    EXPECT_TRUE(window.arrangement()->isLeftShown());
    window.resize(900, 600);
    window.arrangement()->showLeft();
}

TEST(Arrangement, panesFollowOneAnotherInANarrowWindowToo)
{
    const NoSettings none;
    MainWindow window;
    ASSERT_TRUE(showsFiles(window, {900, 600}));
    window.activateWindow();
    window.find();
    window.textView()->setFocus();
    window.nextPane(1);
    EXPECT_TRUE(window.deck()->isAncestorOf(QApplication::focusWidget())) << "text and charts are one pane here";
}

TEST(Arrangement, aTabThatWasAskedForEarlyLeavesTheMapsTheirRoom)
{
    const NoSettings none;
    const testing_support::LargeFont larger(1.5);
    MainWindow window;
    window.arrangement()->fixSize({1440, 1000}); // narrow, at letters of this size
    window.show();
    window.showLowerTab(0); // while nothing is open
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.lowerDock()->currentTab(), 0);
    EXPECT_GT(window.lowerDock()->height(), window.lowerDock()->closedHeight());
    EXPECT_GE(window.mapGrid()->height(), 160);
    const int maps = window.mapGrid()->height();
    window.messages()->show(Band::Kind::Error, QStringLiteral("a sentence"));
    QTest::qWait(20);
    EXPECT_EQ(window.lowerDock()->height(), window.lowerDock()->heightHint()) << "a band takes from the maps";
    EXPECT_LT(window.mapGrid()->height(), maps);
}

TEST(Theme, ofThisStartIsNotChangedByASession)
{
    const QString file = files().folder.filePath(QStringLiteral("light.winnow"));
    const QVariant before = QSettings().value(QStringLiteral("theme"));
    {
        MainWindow window;
        window.fixTheme(ThemeChoice::Light);
        drop(window, {files().trace});
        ASSERT_TRUE(settle(window));
        QSignalSpy saved(&window, &MainWindow::exported);
        window.sessions()->saveTo(file.toStdString());
        ASSERT_TRUE(saved.wait(kPatience));
    }
    MainWindow dark, free;
    dark.fixTheme(ThemeChoice::Dark);
    for (MainWindow* window : {&dark, &free}) {
        drop(*window, {file});
        ASSERT_TRUE(settle(*window));
    }
    EXPECT_EQ(dark.themeChoice(), ThemeChoice::Dark) << "it was said on the command line";
    EXPECT_EQ(free.themeChoice(), ThemeChoice::Light);
    EXPECT_EQ(QSettings().value(QStringLiteral("theme")), before) << "a session is no setting of the user's";
}

TEST(Arrangement, aSizeOfThisStartIsNotTakenFromASession)
{
    const NoSettings none;
    MainWindow window;
    window.arrangement()->fixSize({1300, 850});
    window.arrangement()->take({.width = 1000, .height = 650});
    EXPECT_EQ(window.size(), QSize(1300, 850));
}

TEST(HoverCardOfTheWindow, goesWithTheTabThatItStoodOn)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.showLowerTab(2);
    window.selection()->setHover(30, 120, window.lowerDock()->mapToGlobal(QPoint(60, 60)));
    window.lowerDock()->setCurrentIndex(3);
    EXPECT_FALSE(window.selection()->hoverToken());
    window.selection()->setHover(30, 120, window.mapGrid()->mapToGlobal(QPoint(60, 60)));
    window.mapGrid()->setMaximized(true);
    EXPECT_FALSE(window.selection()->hoverToken());
    window.selection()->setHover(30, 120, window.mapGrid()->mapToGlobal(QPoint(60, 60)));
    window.arrangement()->toggleText();
    EXPECT_FALSE(window.selection()->hoverToken());
}
