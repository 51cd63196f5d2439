// SPDX-License-Identifier: GPL-3.0-or-later
// Runs, drift and answers in the window.
#include "app/window/answerer.h"
#include "app/window/run_starter.h"
#include "tests/app/window/window_fixture.h"
#include "views/answers/answers_tab.h"
#include "views/chrome/lower_dock.h"
#include "views/policies/policy_list.h"
#include "views/quality/drift_tab.h"

#include <QAction>
#include <QClipboard>
#include <QPushButton>
#include <QTextBrowser>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

void openShort(MainWindow& window)
{
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("streaming:budget=32").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
}

} // namespace

TEST(RunStarter, runsTheFocusAndThenAllThatAreVisible)
{
    MainWindow window;
    window.show();
    EXPECT_FALSE(window.action(QStringLiteral("run-policy"))->isEnabled()) << "nothing is open";
    window.runStarter()->runFocus();
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("A run needs a recording"));
    openShort(window);
    window.selection()->setFocus(1);
    window.action(QStringLiteral("run-policy"))->trigger();
    window.action(QStringLiteral("run-all"))->trigger();
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("A run is going on"));
    ASSERT_TRUE(settle(window));
    const auto& policies = window.workspace()->data().replay->policies;
    ASSERT_EQ(policies.size(), 3U);
    EXPECT_EQ(policies[2]->spec.name, "streaming");
    EXPECT_EQ(window.selection()->policyCount(), 3);

    window.action(QStringLiteral("run-all"))->trigger();
    ASSERT_TRUE(settle(window));
    ASSERT_EQ(window.workspace()->data().replay->policies.size(), 4U);
    const QString line = window.exporter()->commandLine();
    EXPECT_TRUE(line.contains(QStringLiteral("winnow run --model"))) << qPrintable(line);
    EXPECT_TRUE(line.contains(QStringLiteral("--trace %1").arg(files().trace))) << qPrintable(line);
    EXPECT_TRUE(line.contains(QStringLiteral("R.h5 C.h5"))) << qPrintable(line);

    emit window.policyList()->runRemovalWanted(2);
    EXPECT_EQ(window.workspace()->data().replay->policies.size(), 3U);
}

TEST(RunStarter, takesTheSentenceOfAStoppedRunAwayWithTheNextOne)
{
    MainWindow window;
    window.show();
    openShort(window);
    window.action(QStringLiteral("run-all"))->trigger();
    window.action(QStringLiteral("stop"))->trigger();
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.messages()->isVisible());
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("The run was stopped"));
    window.action(QStringLiteral("run-all"))->trigger();
    EXPECT_FALSE(window.messages()->isVisible());
    ASSERT_TRUE(settle(window));
}

TEST(DriftTab, hasTheNumbersOfWinnowCompare)
{
    MainWindow window;
    window.show();
    openShort(window);
    window.action(QStringLiteral("drift"))->trigger();
    auto* drift = window.lowerDock()->drift();
    EXPECT_FALSE(drift->currentFigure()) << "no run yet";
    window.action(QStringLiteral("run-all"))->trigger();
    ASSERT_TRUE(settle(window));
    drift->finish();
    ASSERT_TRUE(drift->shown());
    ASSERT_EQ(drift->shown()->steps.lines.size(), 2U);
    const auto runs = window.workspace()->runs()->finished(window.workspace()->prompt());
    const auto& both = window.workspace()->data().replay;
    ReplayResult replays = *both;
    replays.policies.resize(2);
    const std::vector<PolicyDrift> compared = driftBetween(*runs, replays);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(drift->shown()->steps.lines[i].average, compared[i].all.differing);
    drift->setMeasure(*findDriftMeasure("mass"));
    drift->finish();
    EXPECT_EQ(drift->shown()->steps.lines[0].average, compared[0].all.mass);
    EXPECT_EQ(figureArguments(*drift->currentFigure()),
              (std::vector<std::string>{"drift", "--drift", "mass", "--policies", "3,4", "--smooth", "32", "--focus", "1"}));
    window.selection()->setHidden(3, true);
    drift->finish();
    EXPECT_EQ(drift->shown()->steps.lines.size(), 1U);
}

TEST(Session, keepsItsRuns)
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("s.winnow"));
    {
        MainWindow window;
        openShort(window);
        window.action(QStringLiteral("run-all"))->trigger();
        ASSERT_TRUE(settle(window));
        QSignalSpy saved(window.sessions(), &SessionKeeper::saved);
        window.sessions()->saveTo(file.toStdString());
        ASSERT_TRUE(saved.wait(kPatience));
        const std::string runs = folder.filePath(QStringLiteral("s-runs.h5")).toStdString();
        const std::string replays = folder.filePath(QStringLiteral("s.replay.h5")).toStdString();
        EXPECT_EQ(window.workspace()->runs()->file(), runs);
        EXPECT_EQ(window.workspace()->sources().replay, replays);
        EXPECT_EQ(readReplay(replays).value()->policies.size(), 2U) << "each file holds its own";
        window.selection()->setFocus(3);
        window.exporter()->copySnippet();
        EXPECT_THAT(QApplication::clipboard()->text().toStdString(),
                    testing::AllOf(HasSubstr(runs), HasSubstr("replays/00001/evict_step")));
        const std::string line = window.exporter()->commandLine().toStdString();
        EXPECT_THAT(line, HasSubstr(replays + " " + runs));
        EXPECT_EQ(line.find("winnow run"), std::string::npos) << line;
    }
    MainWindow window;
    window.opener()->openPaths({file});
    ASSERT_TRUE(settle(window));
    EXPECT_EQ(window.workspace()->specs().size(), 2U);
    const auto& policies = window.workspace()->data().replay->policies;
    ASSERT_EQ(policies.size(), 4U);
    EXPECT_TRUE(policies[3]->isRun());
}

TEST(Runs, ofAnotherFileAreNamedBesideTheReplays)
{
    const QTemporaryDir folder;
    const QString runs = folder.filePath(QStringLiteral("c.h5"));
    MainWindow window;
    openShort(window);
    window.action(QStringLiteral("run-all"))->trigger();
    ASSERT_TRUE(settle(window));
    ASSERT_TRUE(writeReplay(*window.workspace()->runs()->finished(window.workspace()->prompt()), runs.toStdString()));
    MainWindow next;
    next.opener()->openPaths({files().trace, files().replay, runs});
    ASSERT_TRUE(settle(next));
    EXPECT_TRUE(next.workspace()->isReplayInFile());
    EXPECT_EQ(next.workspace()->runs()->file(), runs.toStdString());
    EXPECT_THAT(next.exporter()->commandLine().toStdString(),
                HasSubstr((files().replay + QLatin1Char(' ') + runs).toStdString()));
}

TEST(Answerer, answersTheRecordedTokensUnderEveryVisiblePolicy)
{
    MainWindow window;
    window.show();
    openShort(window);
    window.selection()->setStep(99);
    window.action(QStringLiteral("answers"))->trigger();
    auto* tab = window.lowerDock()->answers();
    EXPECT_EQ(tab->wish().recorded, 100);
    QSignalSpy answered(window.answerer(), &Answerer::answered);
    tab->button()->click();
    EXPECT_FALSE(tab->button()->isEnabled()) << "while the model answers";
    ASSERT_TRUE(answered.wait(kPatience));
    EXPECT_TRUE(tab->button()->isEnabled());
    const QString text = tab->copyableText();
    EXPECT_TRUE(text.contains(QStringLiteral("1 TOVA 32 (64 tokens"))) << qPrintable(text);
    EXPECT_TRUE(text.contains(QStringLiteral("2 StreamingLLM 32 ("))) << qPrintable(text);
    EXPECT_TRUE(window.answerer()->commandLine().contains(QStringLiteral("--until 99 --policy tova:budget=32")))
        << qPrintable(window.answerer()->commandLine());
}

TEST(Answerer, givesACommandThatRecordsWhatGoesWithTheWindowAndAsksNoOracle)
{
    MainWindow window;
    window.show();
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("future:budget=32").value()});
    drop(window, {demoFolder(), files().text});
    ASSERT_TRUE(settle(window));
    window.selection()->setStep(9);
    window.action(QStringLiteral("answers"))->trigger();
    const std::string line = window.answerer()->commandLine().toStdString();
    EXPECT_THAT(line, testing::StartsWith("winnow record --model "));
    EXPECT_THAT(line, HasSubstr(" --out short.h5 && winnow generate --model "));
    EXPECT_THAT(line, HasSubstr(" --trace short.h5 --until 9 --policy tova:budget=32"));
    EXPECT_EQ(line.find("future"), std::string::npos) << line;
}
