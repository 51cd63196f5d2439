// SPDX-License-Identifier: GPL-3.0-or-later
// Tuning a policy in the window, and the menu of papers' figures.
#include "app/window/tune_dialog.h"

#include "app/window/paper_figures.h"
#include "app/work/open_places.h"
#include "core/analysis/figures/paper_presets.h"
#include "tests/app/window/window_fixture.h"
#include "views/sweep/tune_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QTest>

#include <gmock/gmock.h>

namespace winnow::app {
namespace {

using testing::HasSubstr;

QString wordsOf(const TuneDialog& dialog)
{
    QStringList words;
    for (const QLabel* label : dialog.findChildren<QLabel*>())
        words << label->text();
    return words.join(QLatin1Char('\n'));
}

void open(MainWindow& window, const char* spec)
{
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec(spec).value()});
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    window.workspace()->setPrompt(0);
    ASSERT_TRUE(!window.workspace()->isWorking() || settle(window));
    window.selection()->setFocus(1);
}

TEST(TuneDialog, findsTheBestSettingAndPutsItInThePlaceOfTheOldOne)
{
    MainWindow window;
    open(window, "streaming:budget=32,sinks=4"); // on a text that repeats itself sinks only take room
    window.action(QStringLiteral("tune"))->trigger();
    auto* dialog = window.findChild<TuneDialog*>();
    ASSERT_NE(dialog, nullptr) << window.messages()->sentence().toStdString();
    views::TunePanel* panel = dialog->panel();
    EXPECT_FALSE(panel->useButton()->isEnabled()) << "nothing is found yet";
    ASSERT_NE(panel->choice("sinks"), nullptr);
    for (auto* box : dialog->findChildren<QCheckBox*>())
        box->setChecked(box == panel->choice("sinks"));
    panel->values("sinks")->setText(QStringLiteral("0/2/4"));
    EXPECT_THAT(dialog->commandLine(), HasSubstr("--over sinks=0/2/4 --metric error"));
    EXPECT_THAT(dialog->commandLine(), HasSubstr(files().trace.toStdString()));
    dialog->activateWindow();
    panel->values("sinks")->setFocus();
    QTest::keyClick(panel->values("sinks"), Qt::Key_Return);
    EXPECT_TRUE(dialog->isRunning());
    QTest::keyClick(panel->values("sinks"), Qt::Key_Return);
    EXPECT_TRUE(dialog->isRunning()) << "Enter does not stop it";
    EXPECT_EQ(dialog->focusWidget(), panel->values("sinks")) << "where one goes on typing";
    ASSERT_TRUE(QTest::qWaitFor([&] { return !dialog->isRunning(); }, kPatience));
    EXPECT_THAT(wordsOf(*dialog).toStdString(), HasSubstr("3 settings tried of 3"));
    EXPECT_THAT(wordsOf(*dialog).toStdString(), HasSubstr("better by"));
    emit panel->exportWanted();
    auto* asking = window.findChild<QFileDialog*>();
    ASSERT_NE(asking, nullptr);
    const QTemporaryDir folder;
    emit asking->fileSelected(folder.filePath(QStringLiteral("tune.csv")));
    QFile numbers(folder.filePath(QStringLiteral("tune.csv")));
    ASSERT_TRUE(numbers.open(QIODevice::ReadOnly)) << window.messages()->sentence().toStdString();
    EXPECT_THAT(numbers.readAll().toStdString(), HasSubstr("sinks=2")) << "every setting, not the best alone";
    ASSERT_TRUE(panel->useButton()->isEnabled()) << wordsOf(*dialog).toStdString();
    panel->useButton()->click();
    const PolicySpec tuned = window.workspace()->specs()[1];
    EXPECT_EQ(tuned.name, "streaming");
    EXPECT_EQ(tuned.whole("sinks"), 0);
    EXPECT_EQ(window.workspace()->specs()[0].name, "tova");
    ASSERT_TRUE(!window.workspace()->isWorking() || settle(window));
    window.action(QStringLiteral("undo"))->trigger();
    EXPECT_EQ(window.workspace()->specs()[1].whole("sinks"), 4);
}

TEST(TuneDialog, holdsOutTheOtherOpenRecordingsAndSaysWhatIsWrong)
{
    MainWindow window;
    open(window, "streaming:budget=32");
    window.places()->openBeside();
    drop(window, {files().otherTrace});
    ASSERT_TRUE(settle(window));
    ASSERT_EQ(window.places()->count(), 2);
    window.openTune(1);
    auto* dialog = window.findChild<TuneDialog*>();
    ASSERT_NE(dialog, nullptr);
    EXPECT_THAT(dialog->commandLine(), HasSubstr("--hold-out 1"));
    dialog->panel()->choice("sinks")->setChecked(true);
    dialog->panel()->values("sinks")->setText(QStringLiteral("many"));
    emit dialog->panel()->tuneWanted();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !dialog->isRunning(); }, kPatience));
    EXPECT_THAT(wordsOf(*dialog).toStdString(), HasSubstr("many"));
    EXPECT_FALSE(dialog->panel()->useButton()->isEnabled());
    QPointer<QDialog> closing = dialog;
    window.places()->goTo(0);
    QCoreApplication::processEvents();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_TRUE(closing.isNull() || !closing->isVisible()) << "its recording is not shown any more";
}

TEST(TuneDialog, copiesACommandThatRecordsWhatGoesWithTheWindow)
{
    const QTemporaryDir folder;
    ASSERT_TRUE(QDir(folder.path()).mkdir(QStringLiteral("other")));
    const QString text = folder.filePath(QStringLiteral("a.txt")), other = folder.filePath(QStringLiteral("other/a.txt"));
    writeText(text, 60);
    writeText(other, 90);
    MainWindow window;
    window.workspace()->setSpecs({parsePolicySpec("streaming:budget=32").value()});
    drop(window, {demoFolder(), text});
    ASSERT_TRUE(settle(window));
    window.workspace()->setPrompt(0);
    ASSERT_TRUE(!window.workspace()->isWorking() || settle(window));
    window.places()->openBeside();
    drop(window, {demoFolder(), other});
    ASSERT_TRUE(settle(window));
    window.workspace()->setPrompt(0);
    ASSERT_TRUE(!window.workspace()->isWorking() || settle(window));
    ASSERT_EQ(window.places()->count(), 2);
    window.openTune(0);
    auto* dialog = window.findChild<TuneDialog*>();
    ASSERT_NE(dialog, nullptr);
    const std::string line = dialog->commandLine();
    EXPECT_TRUE(line.starts_with("winnow record --model ")) << line;
    EXPECT_THAT(line, HasSubstr(" --text " + other.toStdString() + " --tokens "));
    EXPECT_THAT(line, HasSubstr(" --out a.h5 && winnow record --model "));
    EXPECT_THAT(line, HasSubstr(" --text " + text.toStdString() + " --tokens "));
    EXPECT_THAT(line, HasSubstr(" --out a-2.h5 && winnow tune a.h5 a-2.h5 --policy streaming:"));
    EXPECT_THAT(line, HasSubstr(" --hold-out 1"));
}

TEST(TuneDialog, doesNotOpenWhereThereIsNothingToTune)
{
    MainWindow window;
    open(window, "full");
    window.openTune(1);
    EXPECT_EQ(window.findChild<TuneDialog*>(), nullptr);
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("has no parameter to tune"));
}

TEST(PaperFigures, theMenuHasEveryPresetAndAClickAsksForTheFile)
{
    MainWindow window;
    for (std::size_t i = 0; i < paperPresets().size(); ++i) {
        const QAction* action = window.action(QStringLiteral("paper-%1").arg(i + 1));
        ASSERT_NE(action, nullptr) << i;
        EXPECT_TRUE(action->text().startsWith(QString::fromStdString(std::string(paperPresets()[i].paper))));
        EXPECT_TRUE(action->toolTip().contains(QString::fromStdString(std::string(paperPresets()[i].differs))));
    }
    window.action(QStringLiteral("paper-1"))->trigger();
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("open a recording first"));
    open(window, "streaming:budget=32");
    window.action(QStringLiteral("paper-7"))->trigger(); // budgets by layer
    auto* dialog = window.findChild<QFileDialog*>();
    ASSERT_NE(dialog, nullptr);
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("layers.svg"));
    QSignalSpy exported(&window, &MainWindow::exported);
    emit dialog->fileSelected(file);
    ASSERT_TRUE(!exported.isEmpty() || exported.wait(kPatience)) << window.messages()->sentence().toStdString();
    EXPECT_TRUE(fs::exists(file.toStdString()));
}

} // namespace
} // namespace winnow::app
