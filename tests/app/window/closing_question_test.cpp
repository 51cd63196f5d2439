// SPDX-License-Identifier: GPL-3.0-or-later
// What the window asks before it closes over a recording.
#include "app/work/open_places.h"
#include "tests/app/window/closing_steps.h"

#include <QFileDialog>
#include <QMessageBox>
#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

QMessageBox* question(const MainWindow& window) { return window.findChild<QMessageBox*>(QStringLiteral("keep-recording")); }

} // namespace

TEST(ClosingTheWindow, asksOnceWhatBecomesOfARecordingThatRuns)
{
    MainWindow window;
    window.show();
    record(window, 3000);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.workspace()->data().tokensRecorded > 0; }, kPatience));
    window.close();
    ASSERT_NE(question(window), nullptr);
    EXPECT_TRUE(question(window)->text().startsWith(QStringLiteral("“birds.txt” is being recorded (")));
    window.close();
    EXPECT_EQ(window.findChildren<QMessageBox*>().size(), 1);
    question(window)->button(QMessageBox::Cancel)->click();
    EXPECT_TRUE(window.isVisible());
    EXPECT_TRUE(window.workspace()->isRecording()) << "nothing was lost";
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    window.close();
    ASSERT_NE(question(window), nullptr);
    question(window)->button(QMessageBox::Discard)->click();
    EXPECT_FALSE(window.isVisible());
    EXPECT_TRUE(window.workspace()->isEmpty());
}

TEST(ClosingTheWindow, offersToKeepARecordingThatWasNotSavedAndClosesThen)
{
    const QTemporaryDir folder;
    MainWindow window;
    window.show();
    record(window, 60);
    ASSERT_TRUE(settle(window));
    const int tokens = window.workspace()->data().trace->tokenCount();
    window.close();
    ASSERT_NE(question(window), nullptr);
    EXPECT_TRUE(question(window)->text().contains(QStringLiteral("is not saved"))) << question(window)->text().toStdString();
    question(window)->button(QMessageBox::Save)->click();
    auto* dialog = window.findChild<QFileDialog*>();
    ASSERT_NE(dialog, nullptr);
    const QString file = folder.filePath(QStringLiteral("kept.winnow"));
    dialog->selectFile(file);
    static_cast<QDialog*>(dialog)->accept();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window.isVisible(); }, kPatience)) << "it is saved first, then the window closes";
    const auto session = readSession(file.toStdString());
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(session->trace.filename(), fs::path("kept.h5"));
    EXPECT_EQ(Trace::open(session->trace).value()->tokenCount(), tokens);
}

TEST(ClosingTheWindow, asksAboutARecordingInAnotherTabAndSavesThatOne)
{
    MainWindow window;
    window.show();
    record(window, 60);
    ASSERT_TRUE(settle(window));
    open(window, {files().trace}); // the recording that is not saved stays in a tab
    ASSERT_EQ(window.places()->count(), 2);
    window.close();
    ASSERT_NE(question(window), nullptr);
    EXPECT_TRUE(question(window)->text().startsWith(QStringLiteral("The recording of “birds.txt”")))
        << question(window)->text().toStdString();
    EXPECT_TRUE(question(window)->text().endsWith(QStringLiteral("Keep it?"))) << "there is no other";
    question(window)->button(QMessageBox::Save)->click();
    EXPECT_EQ(window.workspace()->sources().textName, QStringLiteral("birds.txt"));
    auto* dialog = window.findChild<QFileDialog*>();
    ASSERT_NE(dialog, nullptr);
    static_cast<QDialog*>(dialog)->reject();
    EXPECT_TRUE(window.isVisible());
}

TEST(ClosingTheWindow, doesNotAskAboutWhatLiesInAFile)
{
    MainWindow window;
    window.show();
    open(window, {files().trace});
    window.close();
    EXPECT_EQ(question(window), nullptr);
    EXPECT_FALSE(window.isVisible());
}
