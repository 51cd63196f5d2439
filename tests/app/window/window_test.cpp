// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a whole, offscreen, on the demo model.
#include "app/window/band.h"
#include "app/window/record_dialog.h"
#include "app/work/open_places.h"
#include "core/io/hdf5.h"
#include "tests/app/window/window_fixture.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QSettings>
#include <QTest>
#include <QTimer>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;

namespace {

/// Longest time, in ms, that the event loop of this thread did not come round, not counting the time this thread was ready and
/// the system ran others instead.
class Heartbeat {
public:
    Heartbeat()
    {
        QObject::connect(&m_timer, &QTimer::timeout, [this] { beat(); });
        m_clock.start();
        m_waited = waited();
        m_timer.start(5);
    }
    double worst() const { return m_worst; }

private:
    static double waited()
    {
        QFile file(QStringLiteral("/proc/thread-self/schedstat"));
        return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toDouble() / 1e6 : 0;
    }
    void beat()
    {
        const double now = waited();
        m_worst = std::max(m_worst, static_cast<double>(m_clock.restart()) - (now - m_waited));
        m_waited = now;
    }
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_waited = 0, m_worst = 0;
};

} // namespace

TEST(Window, isUpWithinASecondAndEmptyAtFirst)
{
    QElapsedTimer timer;
    timer.start();
    MainWindow window;
    window.show();
    QApplication::processEvents();
    EXPECT_LT(timer.elapsed(), 5000) << "the target is 1 s on an idle machine";
    EXPECT_TRUE(window.workspace()->isEmpty());
    EXPECT_FALSE(window.action(QStringLiteral("play"))->isEnabled());
}

TEST(Window, firstRunRecordsTheDemoAndReplaysSixPoliciesWithoutEverBlocking)
{
    MainWindow window;
    window.show();
    QApplication::processEvents();
    const Heartbeat heartbeat;
    int partTexts = 0, partReplays = 0;
    QObject::connect(window.workspace(), &Workspace::dataChanged, &window, [&] {
        const views::ViewData& data = window.workspace()->data();
        partTexts += data.info && !data.trace && data.tokensRecorded > 0;
        partReplays += data.replay && !data.replay->policies.empty() && data.replay->policies.front()->stepsDone > 0 &&
                       data.replay->policies.front()->stepsDone < data.replay->policies.front()->tokens;
    });
    window.opener()->startDemo();
    ASSERT_TRUE(settle(window));
    const views::ViewData& data = window.workspace()->data();
    ASSERT_TRUE(data.replay);
    ASSERT_EQ(data.replay->policies.size(), 6u);
    for (const auto& policy : data.replay->policies) {
        EXPECT_EQ(policy->stepsDone, policy->tokens);
        EXPECT_EQ(policy->budget, 128);
    }
    EXPECT_EQ(data.replay->prompt, static_cast<int>(data.info->tokens.size()) / 2);
    EXPECT_EQ(data.replay->policies[static_cast<std::size_t>(window.selection()->state().focus)]->spec.name, "treekv");
    EXPECT_EQ(data.replay->policies[static_cast<std::size_t>(window.selection()->state().reference)]->spec.name, "h2o");
    EXPECT_EQ(window.selection()->state().step, static_cast<int>(data.info->tokens.size()) - 1)
        << "the playhead leads to the end";
    EXPECT_GE(partTexts, 3) << "the text appears bit by bit";
    EXPECT_GE(partReplays, 1) << "and so do the maps";
    EXPECT_TRUE(window.hint()->isVisibleTo(&window));
    const QString line = window.exporter()->commandLine();
    EXPECT_TRUE(line.startsWith(QStringLiteral("winnow record --model ")) && line.contains(QStringLiteral(".txt --tokens 1024 ")))
        << "its text is known: " << qPrintable(line);
    EXPECT_LT(heartbeat.worst(), 100);
    RecordProperty("worst_gap_ms", static_cast<int>(heartbeat.worst()));
}

TEST(Window, stoppingARecordingLeavesNoHalfFile)
{
    const QTemporaryDir folder;
    const QString text = folder.filePath(QStringLiteral("long.txt"));
    writeText(text, 6000);
    MainWindow window;
    RecordOptions options;
    options.model = demoFolder().toStdString();
    QFile file(text);
    ASSERT_TRUE(file.open(QIODevice::ReadOnly));
    options.text = file.readAll().toStdString();
    options.textName = "long.txt";
    options.out = folder.filePath(QStringLiteral("T.h5")).toStdString();
    QSignalSpy changed(window.workspace(), &Workspace::dataChanged);
    window.workspace()->record(options);
    ASSERT_TRUE(changed.wait(kPatience));
    QSignalSpy stopped(window.workspace(), &Workspace::stopped);
    window.stopWork();
    ASSERT_TRUE(stopped.wait(kPatience));
    EXPECT_TRUE(window.workspace()->isPaused()) << "it can go on";
    EXPECT_FALSE(fs::exists(options.out));
    window.stopWork();
    ASSERT_TRUE(stopped.wait(kPatience));
    EXPECT_FALSE(fs::exists(options.out));
    EXPECT_FALSE(fs::exists(options.out.string() + ".part")) << "stopped again it is given up";
    EXPECT_TRUE(window.messages()->sentence().startsWith(QStringLiteral("Stopped at token")));
}

TEST(Window, reducedMotionShowsNothingThatIsHalfDone)
{
    const Files& all = files();
    MainWindow window;
    window.setReducedMotion(true);
    int halfDone = 0;
    QObject::connect(window.workspace(), &Workspace::dataChanged, [&] {
        if (const auto& replay = window.workspace()->data().replay)
            for (const auto& policy : replay->policies)
                halfDone += policy->stepsDone > 0 && policy->stepsDone < policy->tokens;
    });
    drop(window, {all.trace});
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(halfDone, 0);
    EXPECT_EQ(window.workspace()->data().replay->policies.front()->stepsDone,
              window.workspace()->data().replay->policies.front()->tokens);
    window.setReducedMotion(false);
}

TEST(Window, aDroppedTraceIsReplayed)
{
    const Files& all = files();
    MainWindow window;
    drop(window, {all.trace});
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.workspace()->data().trace);
    EXPECT_EQ(window.workspace()->data().replay->policies.size(), 6u);
}

TEST(Window, recordingsThatAreGivenTogetherOpenAsTabs)
{
    const Files& all = files();
    MainWindow window;
    QSignalSpy ready(&window, &MainWindow::ready);
    window.opener()->openPaths({all.trace, all.otherTrace});
    ASSERT_TRUE(ready.wait(kPatience));
    ASSERT_EQ(window.places()->count(), 2) << "it is ready when both are there";
    EXPECT_EQ(window.places()->file(0), all.trace);
    EXPECT_EQ(window.places()->file(1), all.otherTrace);
    EXPECT_EQ(window.selection()->state().step, window.selection()->tokenCount() - 1) << "as it opens alone";
}

TEST(Window, ofRecordingsThatAreGivenTogetherOneThatCannotBeOpenedIsToldAndTheOthersOpen)
{
    const Files& all = files();
    const QTemporaryDir folder;
    const QString newer = folder.filePath(QStringLiteral("newer.h5"));
    ASSERT_TRUE(QFile::copy(all.trace, newer));
    {
        auto file = Hdf5File::open(newer.toStdString(), Hdf5File::Access::ReadWrite);
        ASSERT_TRUE(file && file->setAttribute("/", "version", std::int64_t{99}) && file->close());
    }
    MainWindow window;
    QSignalSpy ready(&window, &MainWindow::ready);
    QStringList refused;
    QObject::connect(&window, &MainWindow::refused, [&](const QString& sentence) { refused << sentence; });
    window.opener()->openPaths({all.trace, newer, all.otherTrace});
    ASSERT_TRUE(ready.wait(kPatience));
    ASSERT_EQ(window.places()->count(), 2);
    EXPECT_EQ(window.places()->file(0), all.trace);
    EXPECT_EQ(window.places()->file(1), all.otherTrace);
    EXPECT_THAT(refused.join(QLatin1Char(' ')).toStdString(), testing::HasSubstr("newer.h5"));
    EXPECT_THAT(window.messages()->sentence().toStdString(), testing::HasSubstr("newer.h5")) << "it stays to be read";
}

TEST(Window, aDroppedReplayIsShownEvenWithoutItsTrace)
{
    const Files& all = files();
    MainWindow window;
    drop(window, {all.replay});
    ASSERT_TRUE(settle(window));
    EXPECT_FALSE(window.workspace()->data().trace);
    ASSERT_TRUE(window.workspace()->data().replay);
    EXPECT_EQ(window.workspace()->data().replay->policies.size(), 6u);
    window.show();
    window.resize(1440, 900);
    QApplication::processEvents();
}

TEST(Window, aTraceAndItsReplayDroppedTogetherNeedNoNewReplay)
{
    const Files& all = files();
    MainWindow window;
    int replays = 0;
    QObject::connect(window.workspace(), &Workspace::jobChanged, &window,
                     [&](const QString& job, double) { replays += job.startsWith(QStringLiteral("Replay")); });
    drop(window, {all.replay, all.trace});
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.workspace()->data().trace);
    EXPECT_TRUE(window.workspace()->data().replay);
    EXPECT_EQ(replays, 0);
}

TEST(Window, aDroppedModelOrTextAsksForTheOther)
{
    const Files& all = files();
    for (const QString& path : {demoFolder(), all.text}) {
        MainWindow window;
        window.show();
        drop(window, {path});
        ASSERT_TRUE(QTest::qWaitFor([&] { return window.findChild<RecordDialog*>() != nullptr; }, kPatience))
            << path.toStdString();
    }
}

TEST(Window, aDroppedSessionComesBackWithItsSelection)
{
    const Files& all = files();
    const QString file = all.folder.filePath(QStringLiteral("s.winnow"));
    views::SelectionState state;
    {
        MainWindow window;
        drop(window, {all.trace});
        ASSERT_TRUE(settle(window));
        window.selection()->setStep(77);
        window.selection()->setToken(33);
        window.selection()->setFocus(2);
        window.selection()->setTokenRange(views::Range{20, 40});
        window.selection()->setHidden(4, true);
        window.laneGrid()->setMeasureNamed(QStringLiteral("brush kept"));
        state = window.selection()->state();
        QSignalSpy saved(&window, &MainWindow::exported);
        window.sessions()->saveTo(file.toStdString());
        ASSERT_TRUE(saved.wait(kPatience));
    }
    MainWindow window;
    drop(window, {file});
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.selection()->state(), state);
    EXPECT_EQ(views::measureName(window.laneGrid()->measure()), "brush kept");
    EXPECT_EQ(window.workspace()->sources().trace, fs::path(all.trace.toStdString()));
}

TEST(Window, whatCannotBeOpenedIsSaidInABand)
{
    const Files& all = files();
    const QString bytes = all.folder.filePath(QStringLiteral("bytes.bin"));
    std::ofstream(bytes.toStdString()) << std::string(100, '\0');
    MainWindow window;
    drop(window, {bytes});
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.messages()->isVisibleTo(&window); }, kPatience));
    EXPECT_THAT(window.messages()->sentence().toStdString(), testing::HasSubstr("bytes.bin"));
}

TEST(Window, editingOneBudgetReplaysThatPolicyOnly)
{
    const Files& all = files();
    MainWindow window;
    drop(window, {all.trace});
    ASSERT_TRUE(settle(window));
    const auto before = window.workspace()->data().replay;
    std::vector<PolicySpec> specs = window.workspace()->specs();
    specs[2] = specs[2].with("budget", "64").value();
    window.workspace()->setSpecs(specs);
    EXPECT_EQ(window.workspace()->policyStates()[2].tag, QStringLiteral("updating"));
    EXPECT_EQ(window.workspace()->data().replay->policies[2], before->policies[2]);
    ASSERT_TRUE(settle(window));
    const auto after = window.workspace()->data().replay;
    EXPECT_EQ(after->policies[2]->budget, 64);
    for (const std::size_t same : {0u, 1u, 3u, 4u, 5u})
        EXPECT_EQ(after->policies[same], before->policies[same]);
}

TEST(Window, aPolicyThatDoesNotFitSaysSoInItsRowAndTheOthersAreReplayed)
{
    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    std::vector<PolicySpec> specs;
    for (const char* line : {"h2o:budget=40", "snapkv:budget=61", "tova:budget=40"}) // SnapKV acts at the end of a prompt
        specs.push_back(parsePolicySpec(line).value());
    window.workspace()->setSpecs(specs);
    window.workspace()->setPrompt(0);
    ASSERT_TRUE(settle(window));
    const auto& states = window.workspace()->policyStates();
    EXPECT_THAT(states[1].problem.toStdString(), testing::HasSubstr("prompt"));
    const auto& policies = window.workspace()->data().replay->policies;
    for (const std::size_t other : {0u, 2u}) {
        EXPECT_EQ(states[other].problem.toStdString(), "");
        EXPECT_EQ(policies[other]->spec.name, specs[other].name);
        EXPECT_EQ(policies[other]->stepsDone, policies[other]->tokens);
    }
}

TEST(Window, exportsThePanelAsNumbersAndPicture)
{
    const Files& all = files();
    MainWindow window;
    drop(window, {all.trace});
    ASSERT_TRUE(settle(window));
    for (const char* name : {"retention.csv", "retention.svg", "retention.png"}) {
        const QString out = all.folder.filePath(QLatin1String(name));
        QSignalSpy exported(&window, &MainWindow::exported);
        window.exporter()->exportTo({"retention", {}}, out.toStdString());
        ASSERT_TRUE(exported.wait(kPatience)) << window.messages()->sentence().toStdString();
        EXPECT_GT(QFile(out).size(), 100);
    }
    EXPECT_TRUE(window.exporter()->commandLine().contains(QStringLiteral("winnow figure retention")));
    EXPECT_TRUE(window.messages()->sentence().startsWith(QStringLiteral("Saved "))) << "the user is told where it went";
    window.exporter()->chooseFigureWidth(3.25);
    EXPECT_TRUE(window.exporter()->commandLine().contains(QStringLiteral("--width 3.25")));
    QSettings().remove(QStringLiteral("figure-width"));
}

TEST(Window, marksTheBrushAndTakesTheMarkAway)
{
    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    window.selection()->setTokenRange(views::Range{20, 40});
    window.navigator()->markSpan();
    ASSERT_EQ(window.selection()->state().spans.size(), 1u);
    EXPECT_EQ(window.selection()->state().spans.front().tokens, (views::Range{20, 40}));
    window.navigator()->markSpan();
    EXPECT_TRUE(window.selection()->state().spans.empty());
}

TEST(Window, letterKeysActButNotInsideAField)
{
    const Files& all = files();
    MainWindow window;
    window.show();
    drop(window, {all.trace});
    ASSERT_TRUE(settle(window));
    window.mapGrid()->setFocus();
    window.selection()->setStep(50);
    QTest::keyClick(&window, Qt::Key_Right);
    EXPECT_EQ(window.selection()->state().step, 51);
    QTest::keyClick(&window, Qt::Key_Home);
    EXPECT_EQ(window.selection()->state().step, 0);
    QTest::keyClick(&window, Qt::Key_3);
    EXPECT_EQ(window.selection()->state().focus, 2);
    QTest::keyClick(&window, Qt::Key_1, Qt::AltModifier);
    EXPECT_EQ(window.selection()->state().reference, 0);
}
