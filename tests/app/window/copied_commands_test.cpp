// SPDX-License-Identifier: GPL-3.0-or-later
// What the window copies is run as a person would run it, and gives what the window shows.
#include "app/window/answerer.h"
#include "app/window/notebook.h"
#include "app/window/run_starter.h"
#include "app/window/sweep_dialog.h"
#include "core/analysis/figures/paper_presets.h"
#include "tests/app/window/window_fixture.h"
#include "views/answers/answers_tab.h"
#include "views/attention/attention_tab.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/quality/drift_tab.h"
#include "views/quality/quality_tab.h"
#include "views/sweep/sweep_panel.h"
#include "views/text/text_view.h"

#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QProcess>
#include <QProcessEnvironment>
#include <QPushButton>
#include <QSet>
#include <QTest>
#include <QTextBrowser>

#include <gmock/gmock.h>

#include <cmath>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

struct Said {
    int code = -1;
    QString out, err;
};

/// The words as a shell takes them, where `winnow` is the built program.
Said inShell(const QString& words, const QString& folder)
{
    QProcess shell;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("PATH"), QString::fromStdString(fs::path(WINNOW_PROGRAM).parent_path().string()) +
                                                   QLatin1Char(':') + environment.value(QStringLiteral("PATH")));
    shell.setProcessEnvironment(environment);
    shell.setWorkingDirectory(folder);
    shell.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), words});
    if (!shell.waitForFinished(kPatience))
        return {};
    return {shell.exitCode(), QString::fromUtf8(shell.readAllStandardOutput()), QString::fromUtf8(shell.readAllStandardError())};
}

QString contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The copied line, for a file of another name in place of its last, the pdf.
QString into(const QString& line, const QString& file) { return line.section(QLatin1Char(' '), 0, -2) + QLatin1Char(' ') + file; }

/// A window whose panels have the keyboard when they are given it.
struct Shown {
    QTemporaryDir folder;
    MainWindow window;
    Shown()
    {
        window.resize(1440, 900);
        window.show();
        EXPECT_TRUE(activate(window));
    }
    QString file(const QString& name) const { return folder.filePath(name); }
    const views::LowerDock::Chart& chart(int tab)
    {
        static std::vector<views::LowerDock::Chart> charts;
        charts = window.lowerDock()->charts();
        window.showLowerTab(tab);
        EXPECT_TRUE(QTest::qWaitFor([&] { return charts[static_cast<std::size_t>(tab)].figure().has_value(); }, kPatience));
        return charts[static_cast<std::size_t>(tab)];
    }
    void exportTo(const FigureRequest& request, const QString& out)
    {
        QSignalSpy exported(&window, &MainWindow::exported);
        window.exporter()->exportTo(request, out.toStdString());
        EXPECT_TRUE(exported.wait(kPatience)) << window.messages()->sentence().toStdString();
    }
    /// The line that is copied makes the same picture as the export of `request`.
    void expectSame(const std::string& name, FigureRequest request)
    {
        request.options.width = window.exporter()->figureWidth();
        const QString seen = file(QString::fromStdString(name + "-seen.svg")), made = file(QString::fromStdString(name + ".svg"));
        exportTo(request, seen);
        window.action(QStringLiteral("copy-command"))->trigger();
        const QString line = QApplication::clipboard()->text();
        const Said said = inShell(into(line, made), folder.path());
        ASSERT_EQ(said.code, 0) << line.toStdString() << "\n" << said.err.toStdString();
        EXPECT_FALSE(contentOf(seen).isEmpty());
        EXPECT_TRUE(contentOf(made) == contentOf(seen)) << name << ": " << line.toStdString();
    }
};

/// The numbers of two texts are the same but for rounding, and so is all that is between them.
void expectAlike(const QString& made, const QString& seen)
{
    const QStringList a = made.split(QLatin1Char('\n')), b = seen.split(QLatin1Char('\n'));
    ASSERT_EQ(a.size(), b.size());
    for (qsizetype line = 0; line < a.size(); ++line) {
        if (a[line].startsWith(QLatin1Char('#')))
            continue; // when and with which words it was made
        const QStringList one = a[line].split(QLatin1Char(',')), other = b[line].split(QLatin1Char(','));
        ASSERT_EQ(one.size(), other.size()) << a[line].toStdString();
        for (qsizetype i = 0; i < one.size(); ++i) {
            bool isNumber = false;
            const double number = one[i].toDouble(&isNumber);
            if (isNumber)
                EXPECT_NEAR(number, other[i].toDouble(), 1e-4) << a[line].toStdString();
            else
                EXPECT_EQ(one[i].toStdString(), other[i].toStdString());
        }
    }
}

/// Runs the snippet that the window copies, and compares how many tokens it says that every lane keeps.
void expectSnippetCounts(Shown& shown, const char* needs)
{
    if (inShell(QStringLiteral("python3 -c 'import %1'").arg(QLatin1String(needs)), shown.folder.path()).code != 0)
        GTEST_SKIP() << "this Python lacks " << needs;
    for (const int step : {0, 70, 150}) {
        shown.window.selection()->setStep(step);
        shown.window.action(QStringLiteral("copy-snippet"))->trigger();
        QFile file(shown.file(QStringLiteral("snippet.py")));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(QApplication::clipboard()->text().toUtf8() + "print(*kept.sum(axis=-1).ravel())\n");
        file.close();
        const Said said = inShell(QStringLiteral("python3 snippet.py"), shown.folder.path());
        ASSERT_EQ(said.code, 0) << said.err.toStdString();
        const auto& replay = *shown.window.workspace()->data().replay;
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(shown.window.selection()->state().focus)];
        QStringList stored;
        for (int layer = 0; layer < policy.layers; ++layer)
            for (int lane = 0; lane < policy.lanes; ++lane)
                stored << QString::number(policy.occupancy[policy.index(layer, lane, step)]);
        EXPECT_EQ(said.out.trimmed().toStdString(), stored.join(QLatin1Char(' ')).toStdString()) << "step " << step;
    }
}

} // namespace

TEST(CopiedCommand, ofEveryPanelDrawsWhatThePanelExports)
{
    Shown shown;
    MainWindow& window = shown.window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    window.mapGrid()->setScale(views::ScaleKind::Rank);
    views::SelectionState state = window.selection()->state();
    state.step = 150;
    state.token = 20;
    state.focus = 1;
    state.zoom = {10, 190, 20, 180};
    state.stepRange = views::Range{100, 160};
    state.spans = {{{30, 40}, QStringLiteral("a span")}};
    state.hidden = {false, false, false, true};
    window.selection()->setState(state);

    window.mapGrid()->setFocus();
    const auto panelOf = [&](QWidget* panel) {
        panel->setFocus();
        return figureOfArguments(window.exporter()->figureWords().at(panel == window.mapGrid()    ? "maps"
                                                                     : panel == window.textView() ? "text"
                                                                     : panel == window.deck()     ? "deck"
                                                                                                  : "lanes"))
            .value();
    };
    shown.expectSame("maps", panelOf(window.mapGrid()));
    shown.expectSame("text", panelOf(window.textView()));
    shown.expectSame("lanes", panelOf(window.laneGrid()));
    shown.expectSame("deck", panelOf(window.deck()));
    window.selection()->setZoom({});
    window.selection()->setTokenRange(views::Range{50, 80});
    window.selection()->setToken(70);
    shown.expectSame("brushed", panelOf(window.mapGrid()));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --token 70 --brush 50-79 "));
    window.notebook()->notes()->add({.step = 150, .tokens = views::Range{90, 95}, .words = QStringLiteral("here")});
    shown.expectSame("deck-brushed", panelOf(window.deck()));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --token 70 --brush 50-79 "));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --flags 90 "));
    window.textView()->setBars(true);
    shown.expectSame("bars", panelOf(window.textView()));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --tokens 50-79 --focus 2 --token 70 --bars "));
    window.mapGrid()->setFocus();
    window.mapGrid()->setMaximized(true);
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --policies 2 "));
    shown.expectSame("maximized", panelOf(window.mapGrid()));
    window.selection()->setReference(2);
    window.selection()->setDifference(true);
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --sides "));
    shown.expectSame("maximized-difference", panelOf(window.mapGrid()));
    window.mapGrid()->setMaximized(false);
    window.selection()->setDifference(false);

    auto* quality = window.lowerDock()->findChild<views::QualityTab*>();
    quality->setSmoothing(8);
    const std::vector<std::string> names{"quality", "token", "attention", "wavelet"};
    for (int tab = 0; tab < static_cast<int>(names.size()); ++tab) {
        SCOPED_TRACE(names[static_cast<std::size_t>(tab)]);
        shown.expectSame(names[static_cast<std::size_t>(tab)], *shown.chart(tab).figure());
    }
    EXPECT_EQ(shown.chart(0).figure()->options.smooth, 8);
    EXPECT_EQ(shown.chart(2).figure()->options.lostBy, 2);
}

TEST(CopiedCommand, ofAllHeadsDrawsTheLayersThatAreShown)
{
    Shown shown;
    const QString mixed = shown.file(QStringLiteral("mixed.h5"));
    ASSERT_TRUE(testing_support::writeSynthetic(layersOfTwoShapes(), mixed.toStdString()));
    drop(shown.window, {mixed});
    ASSERT_TRUE(settle(shown.window));
    ASSERT_LT(shown.window.workspace()->data().trace->layerCount(), 4);
    shown.chart(2);
    auto* tab = shown.window.lowerDock()->findChild<views::AttentionTab*>();
    tab->showHeads(true);
    ASSERT_TRUE(QTest::qWaitFor([&] { return !tab->heads()->cellRect({1, 0}).isNull(); }, kPatience));
    EXPECT_TRUE(tab->heads()->cellRect({2, 0}).isNull()) << "of two layers alone";
    shown.expectSame("heads", *tab->currentFigure());
    const QString made = shown.file(QStringLiteral("heads.csv"));
    ASSERT_EQ(inShell(into(shown.window.exporter()->commandLine(), made), shown.folder.path()).code, 0);
    QSet<QString> layers;
    for (const QString& line : contentOf(made).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
        if (!line.startsWith(QLatin1Char('#')) && line.at(0).isDigit())
            layers << line.section(QLatin1Char(','), 0, 0);
    EXPECT_EQ(layers, (QSet<QString>{QStringLiteral("1"), QStringLiteral("3")}));
}

TEST(ExportOfASession, replaysTheLayersThatTheWindowShows)
{
    const QTemporaryDir folder;
    const QString mixed = folder.filePath(QStringLiteral("mixed.h5")), session = folder.filePath(QStringLiteral("s.winnow"));
    ASSERT_TRUE(testing_support::writeSynthetic(layersOfTwoShapes(), mixed.toStdString()));
    std::ofstream(session.toStdString()) << R"({"format": "winnow-session", "version": 1, "policies": ["streaming:budget=16"],
        "trace": {"relative": "mixed.h5", "absolute": ""}, "prompt": 0, "figures": {"lanes": ["lanes"]}})";
    const Said said = inShell(QStringLiteral("winnow export s.winnow --view lanes --out lanes.csv"), folder.path());
    ASSERT_EQ(said.code, 0) << said.err.toStdString();
    EXPECT_TRUE(contentOf(folder.filePath(QStringLiteral("lanes.csv"))).contains(QStringLiteral("group=mean\",3,")))
        << "layers 1 and 3";
}

TEST(CopiedCommand, ofMapsAndDeckHatchesWhatSlidingWindowsDoNotReach)
{
    Shown shown;
    MainWindow& window = shown.window;
    const QString sliding = shown.file(QStringLiteral("sliding.h5"));
    ASSERT_TRUE(testing_support::writeSynthetic(testing_support::makeSynthetic({.tokens = 60, .window = 12, .prompt = 20}),
                                                sliding.toStdString()));
    window.workspace()->setSpecs({parsePolicySpec("full").value(), parsePolicySpec("streaming:budget=10").value()});
    drop(window, {sliding});
    ASSERT_TRUE(settle(window));
    window.deck()->setFocus();
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr("winnow figure kept R.h5 " + sliding.toStdString()));
    shown.expectSame("deck", figureOfArguments(window.exporter()->figureWords().at("deck")).value());
    window.mapGrid()->setFocus();
    shown.expectSame("maps", figureOfArguments(window.exporter()->figureWords().at("maps")).value());
}

TEST(CopiedCommand, ofDriftMakesReplayAndRunAgain)
{
    Shown shown;
    MainWindow& window = shown.window;
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("streaming:budget=32").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    window.action(QStringLiteral("run-all"))->trigger();
    ASSERT_TRUE(settle(window));
    window.showLowerTab(4);
    auto* drift = window.lowerDock()->drift();
    drift->setMeasure(*findDriftMeasure("mass"));
    drift->finish();
    const QString seen = shown.file(QStringLiteral("seen.csv")), made = shown.file(QStringLiteral("made.csv"));
    shown.exportTo(*drift->currentFigure(), seen);
    const QString line = window.exporter()->commandLine();
    const Said said = inShell(into(line, made), shown.folder.path());
    ASSERT_EQ(said.code, 0) << line.toStdString() << "\n" << said.err.toStdString();
    expectAlike(contentOf(made), contentOf(seen));
}

TEST(CopiedCommand, ofASweepReplaysTheBudgetsThatWereSwept)
{
    Shown shown;
    MainWindow& window = shown.window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    window.action(QStringLiteral("sweep"))->trigger();
    auto* dialog = window.findChild<SweepDialog*>();
    ASSERT_NE(dialog, nullptr);
    emit dialog->panel()->sweepWanted(QStringLiteral("24, 48"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !dialog->isRunning(); }, kPatience));
    emit dialog->panel()->exportWanted();
    auto* asking = window.findChild<QFileDialog*>();
    ASSERT_NE(asking, nullptr);
    const QString seen = shown.file(QStringLiteral("seen.svg")), made = shown.file(QStringLiteral("made.svg"));
    QSignalSpy exported(&window, &MainWindow::exported);
    emit asking->fileSelected(seen);
    ASSERT_TRUE(!exported.isEmpty() || exported.wait(kPatience));
    emit dialog->panel()->copyWanted();
    const QString line = QApplication::clipboard()->text();
    EXPECT_THAT(line.toStdString(), HasSubstr("budget=48"));
    const Said said = inShell(into(line, made), shown.folder.path());
    ASSERT_EQ(said.code, 0) << line.toStdString() << "\n" << said.err.toStdString();
    EXPECT_FALSE(contentOf(seen).isEmpty());
    EXPECT_TRUE(contentOf(made) == contentOf(seen)) << line.toStdString();
}

TEST(CopiedCommand, ofAnswersSaysThemAgain)
{
    Shown shown;
    MainWindow& window = shown.window;
    window.workspace()->setSpecs({parsePolicySpec("full").value(), parsePolicySpec("streaming:budget=16").value()});
    window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(window));
    window.selection()->setStep(120);
    window.showLowerTab(5);
    views::AnswersTab* tab = window.lowerDock()->answers();
    QSignalSpy answered(window.answerer(), &Answerer::answered);
    tab->button()->click();
    ASSERT_TRUE(answered.wait(kPatience));
    const QString line = window.exporter()->commandLine();
    const Said said = inShell(line, shown.folder.path());
    ASSERT_EQ(said.code, 0) << line.toStdString() << "\n" << said.err.toStdString();
    for (const QString& words : tab->copyableText().split(QLatin1Char('\n'), Qt::SkipEmptyParts)) {
        if (words.contains(QStringLiteral("closed loop")) || words.contains(QStringLiteral("slots a lane")))
            continue; // told in other words
        EXPECT_TRUE(said.out.simplified().contains(words.simplified())) << words.toStdString() << "\n" << said.out.toStdString();
    }
}

TEST(CopiedCommand, ofAnswersNamesTheRecordedModelBeforeTheFirstAnswer)
{
    Shown shown;
    shown.window.opener()->openPaths({files().trace});
    ASSERT_TRUE(settle(shown.window));
    shown.window.showLowerTab(5);
    EXPECT_THAT(shown.window.answerer()->commandLine().toStdString(),
                HasSubstr("winnow generate --model " + demoFolder().toStdString() + " "));
}

TEST(CopiedCommand, ofPaperFiguresDrawWhatTheMenuDraws)
{
    Shown shown;
    drop(shown.window, {files().trace, files().replay});
    ASSERT_TRUE(settle(shown.window));
    int drawn = 0;
    for (const PaperPreset& preset : paperPresets()) {
        if (preset.files == "S.jsonl")
            continue; // it asks for the results of a sweep
        SCOPED_TRACE(preset.words);
        const QString words = QString::fromUtf8(preset.words);
        const FigureRequest request = figureOfArguments([&] {
                                          std::vector<std::string> each;
                                          for (const QString& word : words.split(QLatin1Char(' ')))
                                              each.push_back(word.toStdString());
                                          return each;
                                      }())
                                          .value();
        const QString inputs = QString::fromUtf8(preset.files)
                                   .replace(QStringLiteral("T.h5"), files().trace)
                                   .replace(QStringLiteral("R.h5"), files().replay);
        const QString seen = shown.file(QStringLiteral("seen%1.svg").arg(drawn)), made = shown.file(QStringLiteral("made.svg"));
        shown.exportTo(request, seen);
        const Said said = inShell(QStringLiteral("winnow figure %1 %2 --out %3").arg(words, inputs, made), shown.folder.path());
        ASSERT_EQ(said.code, 0) << said.err.toStdString();
        EXPECT_TRUE(contentOf(made) == contentOf(seen));
        ++drawn;
    }
    EXPECT_GT(drawn, 0);
}

TEST(CopiedSnippet, readsWhatEveryLaneKeepsFromNpz)
{
    Shown shown;
    drop(shown.window, {files().trace, files().replay});
    ASSERT_TRUE(settle(shown.window));
    shown.window.selection()->setFocus(2);
    expectSnippetCounts(shown, "numpy");
}

TEST(CopiedSnippet, readsWhatEveryLaneKeepsFromHdf5)
{
    Shown shown;
    const QString file = shown.file(QStringLiteral("my \"own\" replay.h5"));
    ASSERT_TRUE(writeReplay(*readReplay(files().replay.toStdString()).value(), file.toStdString()));
    drop(shown.window, {files().trace, file});
    ASSERT_TRUE(settle(shown.window));
    shown.window.selection()->setFocus(1);
    expectSnippetCounts(shown, "h5py");
}
