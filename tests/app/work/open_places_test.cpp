// SPDX-License-Identifier: GPL-3.0-or-later
// Two recordings open at once: tabs that share policies and step.
#include "app/work/open_places.h"

#include "app/window/place_tabs.h"
#include "tests/app/window/window_fixture.h"

#include <QAction>
#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

void openTwo(MainWindow& window)
{
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("streaming:budget=32").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    window.places()->openBeside();
    window.opener()->openPaths({files().otherTrace});
    ASSERT_TRUE(settle(window));
}

} // namespace

TEST(OpenPlaces, oneOfTwoRecordingsIsShownAndNothingIsReplayedAgain)
{
    MainWindow window;
    window.show();
    openTwo(window);
    ASSERT_EQ(window.places()->count(), 2);
    EXPECT_EQ(window.places()->current(), 1);
    EXPECT_TRUE(window.findChild<PlaceTabs*>()->isVisible());
    EXPECT_TRUE(window.findChild<PlaceTabs*>()->tabToolTip(0).contains(QStringLiteral("short.h5")));
    const auto second = window.workspace()->data();
    window.selection()->setStep(40);
    window.action(QStringLiteral("next-recording"))->trigger();
    EXPECT_EQ(window.places()->current(), 0);
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(files().trace.toStdString()));
    EXPECT_EQ(window.selection()->state().step, 40) << "the step is shared";
    EXPECT_FALSE(window.workspace()->isWorking()) << "what was computed was kept";
    window.action(QStringLiteral("previous-recording"))->trigger();
    EXPECT_EQ(window.workspace()->data().trace, second.trace);
    EXPECT_EQ(window.workspace()->replays()->policies, second.replay->policies);
}

TEST(OpenPlaces, theTabOfARecordingHasItsNameWhileItIsMade)
{
    MainWindow window;
    window.show();
    drop(window, {demoFolder(), files().text}); // is kept in a tab, for it is not saved
    ASSERT_TRUE(settle(window));
    drop(window, {demoFolder(), files().text});
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.workspace()->data().tokensRecorded > 0 && window.places()->count() == 2; },
                                kPatience));
    const auto* tabs = window.findChild<PlaceTabs*>();
    EXPECT_TRUE(tabs->tabText(1).contains(QStringLiteral("short.txt"))) << tabs->tabText(1).toStdString();
    ASSERT_TRUE(settle(window));
}

TEST(OpenPlaces, keepTheirMarksWhenAnotherIsOpenedBeside)
{
    MainWindow window;
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    const int late = window.selection()->tokenCount() - 60; // the other text is shorter, and ends alike
    window.selection()->setSpans({{{late, late + 4}, QStringLiteral("needle")}});
    window.selection()->setTokenRange(views::Range{late, late + 4});
    window.selection()->setToken(late + 2);
    const views::SelectionState before = window.selection()->state();
    window.places()->openBeside();
    window.opener()->openPaths({files().otherTrace});
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.selection()->state().spans.empty());
    ASSERT_TRUE(window.places()->goTo(0));
    EXPECT_EQ(window.selection()->state().spans, before.spans);
    EXPECT_EQ(window.selection()->state().tokenRange, before.tokenRange);
    EXPECT_EQ(window.selection()->state().token, before.token);
}

TEST(OpenPlaces, shareTheirPolicies)
{
    MainWindow window;
    openTwo(window);
    window.workspace()->setSpecs({parsePolicySpec("h2o:budget=24").value(), parsePolicySpec("streaming:budget=32").value()});
    ASSERT_TRUE(settle(window));
    const auto there = window.workspace()->replays();
    EXPECT_TRUE(window.places()->goTo(0));
    EXPECT_FALSE(window.places()->goTo(1)) << "h2o is replayed here, too";
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.workspace()->replays()->policies[0]->spec.name, "h2o");
    EXPECT_TRUE(window.places()->goTo(1));
    EXPECT_EQ(window.workspace()->replays()->policies, there->policies);
}

TEST(OpenPlaces, closingOneShowsTheOther)
{
    MainWindow window;
    window.show();
    openTwo(window);
    window.action(QStringLiteral("close"))->trigger();
    EXPECT_EQ(window.places()->count(), 1);
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(files().trace.toStdString()));
    EXPECT_FALSE(window.findChild<PlaceTabs*>()->isVisible());
    window.action(QStringLiteral("close"))->trigger();
    EXPECT_TRUE(window.workspace()->isEmpty());
}

TEST(OpenPlaces, stayAsTheyAreWhenTheOtherCannotBeOpened)
{
    MainWindow window;
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    window.places()->openBeside();
    QSignalSpy failed(window.workspace(), &Workspace::failed);
    window.selection()->setStep(100);
    window.selection()->setToken(30);
    const views::SelectionState before = window.selection()->state();
    emit window.opener()->beginning();
    window.workspace()->openTrace("/nowhere/gone.h5");
    ASSERT_TRUE(failed.wait(kPatience));
    EXPECT_EQ(window.places()->count(), 1);
    EXPECT_EQ(window.selection()->state(), before);
    EXPECT_TRUE(window.workspace()->data().trace);
    window.opener()->openPaths({files().otherTrace}); // an open of its own takes the place
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.places()->count(), 1);
}

TEST(OpenPlaces, anUnsavedRecordingStaysInATabWhenSomethingElseIsOpened)
{
    const QTemporaryDir folder;
    const QString text = folder.filePath(QStringLiteral("mine.txt"));
    writeText(text, 40);
    MainWindow window;
    drop(window, {demoFolder(), text});
    ASSERT_TRUE(settle(window));
    const fs::path recorded = window.workspace()->sources().trace;
    window.opener()->openPaths({files().otherTrace});
    ASSERT_TRUE(settle(window));
    ASSERT_EQ(window.places()->count(), 2);
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(files().otherTrace.toStdString()));
    ASSERT_TRUE(window.places()->atStake());
    EXPECT_EQ(window.places()->atStake()->name, QStringLiteral("mine.txt"));
    window.places()->goTo(0);
    EXPECT_EQ(window.workspace()->sources().trace, recorded);
    window.selection()->setSpans({{{5, 9}, QStringLiteral("mine")}});
    QSignalSpy failed(window.workspace(), &Workspace::failed);
    const QString broken = folder.filePath(QStringLiteral("broken.npz"));
    std::ofstream(broken.toStdString()) << "PK no archive";
    window.opener()->openPaths({broken});
    ASSERT_TRUE(!failed.isEmpty() || failed.wait(kPatience));
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.workspace()->sources().trace == recorded; }, kPatience))
        << "nothing came of the other: it is shown again";
    EXPECT_EQ(window.selection()->state().spans.size(), 1U) << "with its mark";
    EXPECT_EQ(window.places()->count(), 2);
}

TEST(OpenPlaces, theDemoIsAFurtherTabAndNothingIsLostForIt)
{
    MainWindow window;
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    const int prompt = window.workspace()->prompt();
    QSignalSpy changed(window.workspace(), &Workspace::dataChanged);
    window.action(QStringLiteral("demo"))->trigger();
    EXPECT_EQ(window.places()->count(), 2);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.workspace()->data().tokensRecorded > 0; }, kPatience));
    window.action(QStringLiteral("demo"))->trigger(); // it is being recorded
    EXPECT_TRUE(window.messages()->sentence().contains(QStringLiteral("is being recorded")))
        << window.messages()->sentence().toStdString();
    window.workspace()->stop();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.workspace()->isPaused(); }, kPatience));
    window.workspace()->discardUnfinished();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.places()->count() == 1; }, kPatience)) << "nothing came of it";
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(files().trace.toStdString()));
    EXPECT_EQ(window.workspace()->prompt(), prompt);
}

TEST(OpenPlaces, tabsOfOneNameTellTheirFiles)
{
    const QTemporaryDir folder;
    const QString copy = folder.filePath(QStringLiteral("copy.h5"));
    fs::copy_file(files().trace.toStdString(), copy.toStdString());
    MainWindow window;
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    window.places()->openBeside();
    window.opener()->openPaths({copy});
    ASSERT_TRUE(settle(window));
    const auto* tabs = window.findChild<PlaceTabs*>();
    EXPECT_TRUE(tabs->tabText(0).endsWith(QStringLiteral("(short.h5)"))) << tabs->tabText(0).toStdString();
    EXPECT_TRUE(tabs->tabText(1).endsWith(QStringLiteral("(copy.h5)"))) << tabs->tabText(1).toStdString();
}
