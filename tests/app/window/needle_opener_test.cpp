// SPDX-License-Identifier: GPL-3.0-or-later
// A file of answers opens as heat maps, and a cell of them as the recording of its trial.
#include "app/window/needle_opener.h"

#include "app/cli/resources.h"
#include "app/cli/task_examples.h"
#include "app/window/needle_dialog.h"
#include "app/work/open_places.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/lower_dock.h"
#include "views/style/access_table.h"

#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTest>

#include <gmock/gmock.h>

namespace winnow::app {
namespace {

using testing::HasSubstr;

/// Two policies over two lengths and two depths of facts; the answers of the second are right.
QString writtenAnswers(const QTemporaryDir& folder)
{
    const auto made = cli::makeExamples("facts", {.lengths = {160, 192}, .depths = 2}, demoFolder().toStdString(), {});
    const QString path = folder.filePath(QStringLiteral("a.jsonl"));
    std::ofstream file(path.toStdString());
    for (const tasks::Example& example : made.value())
        for (const char* series : {"streaming:budget=32", "tova:budget=32"}) {
            tasks::Answer answer;
            answer.task = example.task;
            answer.id = std::to_string(example.index);
            answer.series = series;
            answer.model = "demo";
            answer.prediction = series[0] == 't' ? example.references.front() : "nothing";
            answer.references = example.references;
            answer.depth = example.depth;
            answer.contextLength = static_cast<std::int64_t>(example.room);
            answer.seed = static_cast<std::int64_t>(example.seed);
            file << tasks::answerLine(answer);
        }
    return path;
}

TEST(NeedleOpener, opensACellAsTheRecordingOfItsTrialWithTheNeedleMarked)
{
    const QTemporaryDir folder;
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    QSignalSpy opened(window.needles(), &NeedleOpener::opened);
    drop(window, {writtenAnswers(folder)});
    ASSERT_TRUE(!opened.isEmpty() || opened.wait(kPatience)) << window.messages()->sentence().toStdString();
    NeedleDialog* dialog = window.needles()->dialog();
    ASSERT_NE(dialog, nullptr);
    views::NeedleMaps* maps = dialog->maps();
    EXPECT_EQ(maps->accessRows(), 4) << "two policies, two depths";
    EXPECT_FALSE(dialog->button()->isEnabled()) << "no cell is chosen";
    maps->choose({1, 1, 0});
    EXPECT_THAT(dialog->sentence().toStdString(), HasSubstr("tova 32, 160 tokens, depth 100 %: exact 1.00 of 1 answer"));
    EXPECT_EQ(dialog->list()->count(), 1);
    QTest::keyClick(maps, Qt::Key_Up);
    EXPECT_EQ(maps->chosen(), (views::NeedlePlace{1, 0, 0}));

    QSignalSpy shown(window.needles(), &NeedleOpener::trialShown);
    dialog->button()->click();
    ASSERT_TRUE(shown.wait(kPatience)) << dialog->sentence().toStdString();
    EXPECT_FALSE(dialog->isVisible()) << "it would lie over the trial";
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("The needle of this trial is marked"));
    for (auto* button : window.messages()->findChildren<QPushButton*>())
        button->click();
    EXPECT_TRUE(dialog->isVisible()) << "back to the other cells";
    EXPECT_EQ(maps->chosen(), (views::NeedlePlace{1, 0, 0}));
    const auto& specs = window.workspace()->specs();
    ASSERT_EQ(specs.size(), 2U);
    EXPECT_EQ(specs[static_cast<std::size_t>(window.selection()->state().focus)].name, "tova");
    EXPECT_EQ(window.lowerDock()->currentTab(), 1) << "the autopsy";
    EXPECT_EQ(window.places()->count(), 2) << "what was open is a tab beside it";
    EXPECT_TRUE(window.places()->name(0).startsWith(QStringLiteral("short.txt"))) << window.places()->name(0).toStdString();
    const auto& spans = window.selection()->state().spans;
    ASSERT_EQ(spans.size(), 1U);
    const TraceInfo& info = *window.workspace()->data().info;
    std::string needle;
    for (int token = spans[0].tokens.begin; token < spans[0].tokens.end; ++token)
        needle += tokenText(info, Position{token});
    EXPECT_THAT(needle, HasSubstr(dialog->answers().front().references.front()));
    EXPECT_EQ(window.workspace()->prompt(), window.selection()->state().step);
}

TEST(NeedleOpener, refusesAnswersWithoutLengthsAndDepths)
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.jsonl"));
    std::ofstream(path.toStdString())
        << R"({"winnow":1,"task":"facts","id":"0","series":"full","prediction":"a","references":["a"]})" << '\n';
    MainWindow window;
    QSignalSpy refused(&window, &MainWindow::refused);
    drop(window, {path});
    ASSERT_TRUE(!refused.isEmpty() || refused.wait(kPatience));
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("no answer with a length and a depth"));
}

} // namespace
} // namespace winnow::app
