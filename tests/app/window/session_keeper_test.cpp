// SPDX-License-Identifier: GPL-3.0-or-later
// A session brings back everything that makes the picture, with its replay where that is small.
#include "app/window/session_keeper.h"

#include "app/window/notebook.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/lower_dock.h"
#include "views/maps/map_grid.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

void saveTo(MainWindow& window, const fs::path& file)
{
    QSignalSpy saved(&window, &MainWindow::exported);
    window.sessions()->saveTo(file);
    ASSERT_TRUE(!saved.isEmpty() || saved.wait(kPatience)) << window.messages()->sentence().toStdString();
}

void choose(MainWindow& window, const char* box, const QString& text)
{
    auto* found = window.findChild<QComboBox*>(QLatin1String(box));
    ASSERT_NE(found, nullptr) << box;
    found->setCurrentText(text);
    ASSERT_EQ(found->currentText(), text);
}

} // namespace

TEST(Session, bringsBackEverythingThatMakesThePicture)
{
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "all.winnow";
    std::vector<views::Note> notes;
    {
        MainWindow window;
        window.resize(1440, 900);
        window.show();
        drop(window, {files().trace, files().replay});
        ASSERT_TRUE(settle(window));
        window.selection()->setDifference(true);
        window.selection()->setRows(views::MapRows::Lanes);
        window.selection()->setAxis(views::MapAxis::Distance);
        window.notebook()->notes()->add({.step = 60, .tokens = views::Range{20, 26}, .words = QStringLiteral("Bücher")});
        notes = window.notebook()->notes()->all();
        choose(window, "transform", QStringLiteral("Stationary"));
        choose(window, "mode", QStringLiteral("periodization"));
        window.findChild<QSpinBox*>(QStringLiteral("levels"))->setValue(3);
        window.findChild<QCheckBox*>(QStringLiteral("mask-sinks"))->setChecked(true);
        window.findChild<QComboBox*>(QStringLiteral("metric"))->setCurrentIndex(1);
        window.showLowerTab(3);
        saveTo(window, file);
    }
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    drop(window, {QString::fromStdString(file.string())});
    ASSERT_TRUE(settle(window));
    const views::SelectionState& state = window.selection()->state();
    EXPECT_TRUE(state.difference);
    EXPECT_EQ(state.rows, views::MapRows::Lanes);
    EXPECT_EQ(state.axis, views::MapAxis::Distance);
    EXPECT_EQ(window.notebook()->notes()->all(), notes);
    EXPECT_EQ(window.findChild<QComboBox*>(QStringLiteral("transform"))->currentText(), QStringLiteral("Stationary"));
    EXPECT_EQ(window.findChild<QComboBox*>(QStringLiteral("mode"))->currentText(), QStringLiteral("periodization"));
    EXPECT_EQ(window.findChild<QSpinBox*>(QStringLiteral("levels"))->value(), 3);
    EXPECT_TRUE(window.findChild<QCheckBox*>(QStringLiteral("mask-sinks"))->isChecked());
    EXPECT_EQ(window.findChild<QComboBox*>(QStringLiteral("metric"))->currentIndex(), 1);
    EXPECT_EQ(window.lowerDock()->currentTab(), 3);
}

TEST(Session, keepsWhereItsModelAndItsTextLie)
{
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "origin.winnow";
    {
        MainWindow window;
        drop(window, {demoFolder(), files().text});
        ASSERT_TRUE(settle(window));
        saveTo(window, file);
    }
    for (int round = 0; round < 2; ++round) { // and when it is saved again
        MainWindow window;
        drop(window, {QString::fromStdString(file.string())});
        ASSERT_TRUE(settle(window));
        EXPECT_EQ(window.workspace()->sources().model, fs::path(demoFolder().toStdString()));
        EXPECT_EQ(window.workspace()->sources().text, fs::path(files().text.toStdString()));
        saveTo(window, file);
    }
}

TEST(Session, comesWithItsReplaySoThatNothingIsReplayedAgain)
{
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "small.winnow";
    std::vector<PolicySpec> specs{parsePolicySpec("tova:budget=40").value(), parsePolicySpec("h2o:budget=40").value()};
    {
        MainWindow window;
        drop(window, {files().trace});
        ASSERT_TRUE(settle(window));
        window.workspace()->setSpecs(specs);
        ASSERT_TRUE(settle(window));
        EXPECT_FALSE(window.workspace()->isReplayInFile());
        saveTo(window, file);
        EXPECT_TRUE(window.workspace()->isReplayInFile());
        EXPECT_EQ(readSession(file)->replay.filename(), fs::path("small.replay.h5"));
        saveTo(window, file);
        EXPECT_EQ(readSession(file)->replay.filename(), fs::path("small.replay.h5")) << "saved again, to the same name";
    }
    MainWindow window;
    QStringList jobs;
    QObject::connect(window.workspace(), &Workspace::jobChanged, [&](const QString& text) { jobs << text; });
    drop(window, {QString::fromStdString(file.string())});
    ASSERT_TRUE(settle(window));
    ASSERT_EQ(window.workspace()->specs().size(), 2U);
    EXPECT_EQ(window.workspace()->specs()[0].canonical(), specs[0].canonical());
    EXPECT_TRUE(jobs.filter(QStringLiteral("Replay")).isEmpty()) << jobs.join(QLatin1Char('\n')).toStdString();
    EXPECT_TRUE(window.workspace()->data().trace);
}

TEST(Session, whosePoliciesWereEditedAfterTheReplayWasStoredReplaysThoseOnly)
{
    const QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "edited.winnow";
    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    saveTo(window, file);
    auto session = readSession(file);
    ASSERT_TRUE(session);
    session->policies[1] = parsePolicySpec("tova:budget=33").value();
    ASSERT_TRUE(writeSession(*session, file));
    MainWindow next;
    QStringList jobs;
    QObject::connect(next.workspace(), &Workspace::jobChanged, [&](const QString& text) { jobs << text; });
    drop(next, {QString::fromStdString(file.string())});
    ASSERT_TRUE(settle(next)); // the stored replay is there
    ASSERT_TRUE(!next.workspace()->isWorking() || settle(next));
    EXPECT_TRUE(jobs.contains(QStringLiteral("Replay of tova"))) << jobs.join(QLatin1Char('\n')).toStdString();
    EXPECT_EQ(next.workspace()->specs()[1].canonical(), parsePolicySpec("tova:budget=33")->canonical());
    EXPECT_EQ(next.workspace()->data().replay->policies[1]->budget, 33);
}

TEST(Session, sweepsItsOlderFileOfRunsUnlessAnotherSessionNamesIt)
{
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString(), file = place / "s.winnow", runs = place / "s-runs.h5";
    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    saveTo(window, file);
    auto older = readSession(file);
    ASSERT_TRUE(older);
    older->runs = runs;
    std::ofstream(runs) << "runs";
    ASSERT_TRUE(writeSession(*older, file));
    ASSERT_TRUE(writeSession(*older, place / "copy.winnow"));
    saveTo(window, file); // without runs
    EXPECT_TRUE(fs::exists(runs)) << "the copy names it";
    fs::remove(place / "copy.winnow");
    ASSERT_TRUE(writeSession(*older, file));
    saveTo(window, file);
    EXPECT_FALSE(fs::exists(runs));
    const fs::path foreign = place / "mine.h5";
    std::ofstream(foreign) << "runs";
    older->runs = foreign;
    ASSERT_TRUE(writeSession(*older, file));
    saveTo(window, file);
    EXPECT_TRUE(fs::exists(foreign)) << "a file that the user named";
}

TEST(Session, asksWhereItsRecordingIsNow)
{
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString(), file = place / "lost.winnow", moved = place / "else" / "moved.h5";
    fs::create_directories(moved.parent_path());
    fs::copy_file(files().trace.toStdString(), moved);
    Session session;
    session.trace = place / "gone.h5";
    session.policies = {parsePolicySpec("tova:budget=40").value()};
    session.prompt = 16;
    session.selection.step = 41;
    ASSERT_TRUE(writeSession(session, file));
    MainWindow window;
    QSignalSpy refused(&window, &MainWindow::refused);
    drop(window, {QString::fromStdString(file.string())});
    ASSERT_TRUE(!refused.isEmpty() || refused.wait(kPatience));
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("gone.h5"));
    for (QPushButton* button : window.messages()->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Find…"))
            button->click();
    auto* dialog = window.findChild<QFileDialog*>();
    ASSERT_NE(dialog, nullptr) << "nobody asked";
    QSignalSpy settled(window.workspace(), &Workspace::settled);
    emit dialog->fileSelected(QString::fromStdString(moved.string()));
    ASSERT_TRUE(!settled.isEmpty() || settled.wait(kPatience));
    EXPECT_EQ(window.workspace()->sources().trace, moved);
    EXPECT_EQ(window.selection()->state().step, 41);
    ASSERT_EQ(window.workspace()->specs().size(), 1U);
}

TEST(Session, neverTakesThePlaceOfAnotherFileForItsReplay)
{
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString(), file = place / "a.winnow", other = place / "a.replay.h5";
    std::ofstream(other) << "somebody else's";
    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    saveTo(window, file);
    EXPECT_TRUE(readSession(file)->replay.empty());
    EXPECT_EQ(fs::file_size(other), 15U);
}
