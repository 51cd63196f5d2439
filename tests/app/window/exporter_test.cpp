// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves the window all at once, and what is copied.
#include "app/window/exporter.h"

#include "app/window/tune_dialog.h"
#include "tests/app/window/window_fixture.h"
#include "tests/support/synthetic_trace.h"
#include "views/chrome/lower_dock.h"

#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QRegularExpression>
#include <QTest>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

QString contentOf(const fs::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

TEST(ExportPanel, ofWordsAloneWritesThemBelowTheirCommand)
{
    const QTemporaryDir folder;
    const QString out = folder.filePath(QStringLiteral("answers.txt"));
    MainWindow window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    Exporter* exporter = window.exporter();
    EXPECT_EQ(exporter->wordsAlone(), QString()) << "the maps are a figure";
    exporter->setPanels({{"", window.lowerDock(), [] { return std::nullopt; }, [] { return QStringLiteral("1 TOVA 32\nred"); },
                          [] { return QStringLiteral("winnow generate"); }}});
    exporter->exportWordsTo(exporter->wordsAlone(), out.toStdString());
    EXPECT_EQ(contentOf(out.toStdString()), QStringLiteral("winnow generate\n\n1 TOVA 32\nred\n"));
    exporter->exportWordsTo(exporter->wordsAlone(), files().trace.toStdString());
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("which is read"));
}

TEST(ExportAll, writesEveryPanelAsPictureAndAsNumbers)
{
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    QSignalSpy exported(&window, &MainWindow::exported);
    window.exporter()->exportAllTo(place);
    ASSERT_TRUE(exported.wait(kPatience)) << window.messages()->sentence().toStdString();
    for (const char* name : {"maps", "text", "deck"}) {
        EXPECT_TRUE(contentOf(place / (std::string(name) + ".svg")).contains(QStringLiteral("</svg>"))) << name;
        EXPECT_GT(contentOf(place / (std::string(name) + ".csv")).size(), 100) << name;
    }
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("panels, pictures and numbers"));
    const QString maps = contentOf(place / "maps.csv");
    const auto rows = maps.count(QLatin1Char('\n'));
    const auto& replay = *window.workspace()->data().replay;
    EXPECT_LT(rows, 60 + static_cast<qsizetype>(replay.policies.size() * replay.layers.size() * 8))
        << "a row per lane, not a row per cell";
}

TEST(ExportAll, makesTheFolderThatIsTyped)
{
    const QTemporaryDir folder;
    const QString place = folder.filePath(QStringLiteral("panels"));
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    QSignalSpy exported(&window, &MainWindow::exported);
    window.action(QStringLiteral("export-all"))->trigger();
    auto* dialog = window.findChild<QFileDialog*>();
    ASSERT_NE(dialog, nullptr);
    auto* line = dialog->findChild<QLineEdit*>();
    ASSERT_NE(line, nullptr);
    line->setText(place);
    QTest::keyClick(line, Qt::Key_Return);
    ASSERT_TRUE(!exported.isEmpty() || exported.wait(kPatience)) << window.messages()->sentence().toStdString();
    EXPECT_TRUE(fs::exists(place.toStdString() + "/maps.svg"));
}

TEST(ExportAll, writesNothingWhereOneOfTheFilesIsSomebodyElses)
{
    const QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    std::ofstream(place / "deck.csv") << "a shopping list";
    MainWindow window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    window.exporter()->exportAllTo(place);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.messages()->sentence().contains(QStringLiteral("deck.csv")); }, kPatience));
    EXPECT_FALSE(fs::exists(place / "maps.svg"));
    EXPECT_EQ(contentOf(place / "deck.csv"), QStringLiteral("a shopping list"));
}

TEST(ExportSheet, isOnePageWithEveryPanelAndItsLetter)
{
    const QTemporaryDir folder;
    const fs::path out = fs::path(folder.path().toStdString()) / "window.svg";
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    QSignalSpy exported(&window, &MainWindow::exported);
    window.exporter()->exportSheetTo(out);
    ASSERT_TRUE(exported.wait(kPatience)) << window.messages()->sentence().toStdString();
    const QString svg = contentOf(out);
    for (const char* letter : {">A<", ">B<", ">C<"})
        EXPECT_TRUE(svg.contains(QLatin1String(letter))) << letter;
    EXPECT_EQ(svg.count(QStringLiteral("<svg ")), 1);
    const auto height = QRegularExpression(QStringLiteral("height=\"([0-9.]+)")).match(svg).captured(1).toDouble();
    EXPECT_GT(height, 3) << "inches: the panels stand below one another";
}

TEST(CopyAsCommand, ofATemporaryRecordingMakesTheRecordingToo)
{
    MainWindow window;
    window.show();
    drop(window, {demoFolder(), files().text});
    ASSERT_TRUE(settle(window));
    window.action(QStringLiteral("copy-command"))->trigger();
    const std::string line = QApplication::clipboard()->text().toStdString();
    EXPECT_TRUE(line.starts_with("winnow record --model ")) << line;
    EXPECT_THAT(line, HasSubstr("--out short.h5 && winnow replay short.h5 "));
    EXPECT_FALSE(QString::fromStdString(line).contains(QString::fromStdString(window.workspace()->sources().trace.string())))
        << "that goes with the window";
    EXPECT_TRUE(window.messages()->sentence().startsWith(QStringLiteral("Copied: winnow record")));
}

TEST(CopyAsCommand, ofATemporaryRecordingOfAChatAndSomeLayersSaysSo)
{
    MainWindow window;
    window.show();
    RecordOptions options;
    options.model = demoFolder().toStdString();
    options.text = "river and the house old river and the house old";
    options.textName = "chat.txt";
    options.marks = false; // as the dialog has it where a chat template wrote the text
    options.layers = std::pair(1, 2);
    window.workspace()->record(options, "/texts/chat.txt");
    ASSERT_TRUE(settle(window));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --text /texts/chat.txt --chat --tokens "));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(), HasSubstr(" --layers 1-2 --dtype float32 --out chat.h5 && "));
}

TEST(CopyAsCommand, givesPathsThatHoldInEveryFolder)
{
    const QString before = QDir::currentPath();
    ASSERT_TRUE(QDir::setCurrent(files().folder.path()));
    MainWindow window;
    window.show();
    window.opener()->openPaths({QStringLiteral("short.h5"), QStringLiteral("short.npz")});
    ASSERT_TRUE(settle(window));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(),
                HasSubstr("winnow figure retention " + files().replay.toStdString()));
    window.action(QStringLiteral("copy-snippet"))->trigger();
    EXPECT_THAT(QApplication::clipboard()->text().toStdString(), HasSubstr("np.load(\"" + files().replay.toStdString() + "\")"));
    EXPECT_TRUE(QDir::setCurrent(before));
}

TEST(CopyAsCommand, ofLayersOfDifferentHeadsNamesThem)
{
    const testing_support::TemporaryFolder folder;
    const fs::path mixed = folder / "mixed.h5";
    ASSERT_TRUE(writeSynthetic(layersOfTwoShapes(), mixed));
    MainWindow window;
    window.show();
    drop(window, {QString::fromStdString(mixed.string())});
    ASSERT_TRUE(settle(window));
    EXPECT_THAT(window.exporter()->commandLine().toStdString(),
                HasSubstr(" --layers 1,3 --out R.h5 && winnow figure retention R.h5"));
    window.workspace()->setSpecs({parsePolicySpec("streaming:budget=16").value()});
    ASSERT_TRUE(settle(window));
    window.openTune(0);
    const auto* dialog = window.findChild<TuneDialog*>();
    ASSERT_NE(dialog, nullptr);
    EXPECT_TRUE(dialog->commandLine().ends_with(" --layers 1,3")) << dialog->commandLine();
}

TEST(CopyAsCommand, namesNoReplayFileThatHoldsOtherPolicies)
{
    MainWindow window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.exporter()->commandLine().startsWith(QStringLiteral("winnow figure")));
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=33").value()});
    ASSERT_TRUE(settle(window));
    EXPECT_TRUE(window.exporter()->commandLine().contains(QStringLiteral("--policy tova:budget=33")))
        << window.exporter()->commandLine().toStdString();
}

TEST(CopySnippet, readsTheReplayFileWithNumpyOrAsksForOne)
{
    MainWindow window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    window.selection()->setStep(70);
    window.action(QStringLiteral("copy-snippet"))->trigger();
    const std::string lines = QApplication::clipboard()->text().toStdString();
    EXPECT_THAT(lines, HasSubstr("np.load(\"" + files().replay.toStdString() + "\")[\"evict_step."));
    EXPECT_THAT(lines, HasSubstr("step, token = 70,"));
    window.workspace()->setSpecs({parsePolicySpec("tova:budget=33").value()});
    ASSERT_TRUE(settle(window));
    window.action(QStringLiteral("copy-snippet"))->trigger();
    EXPECT_THAT(window.messages()->sentence().toStdString(), HasSubstr("save it first"));
}
