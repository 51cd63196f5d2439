// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/sweep_dialog.h"

#include "app/window/history.h"
#include "tests/app/window/window_fixture.h"
#include "views/sweep/sweep_panel.h"

#include <QAction>
#include <QLineEdit>
#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

SweepDialog* openSweep(MainWindow& window)
{
    window.action(QStringLiteral("sweep"))->trigger();
    return window.findChild<SweepDialog*>(QStringLiteral("sweep-dialog"));
}

} // namespace

TEST(SweepDialog, drawsTheFocusAtSeveralBudgetsBesideTheOtherPolicies)
{
    MainWindow window;
    window.show();
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    SweepDialog* dialog = openSweep(window);
    ASSERT_NE(dialog, nullptr);
    EXPECT_FALSE(dialog->panel()->budgets().isEmpty()) << "some are proposed";
    auto* field = dialog->findChild<QLineEdit*>();
    field->setText(QStringLiteral("24, 48"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_TRUE(dialog->isRunning()) << "and no button stops it by the same key";
    ASSERT_TRUE(QTest::qWaitFor([&] { return !dialog->isRunning(); }, kPatience));
    dialog->panel()->finish();
    const BudgetSweep* sweep = dialog->panel()->shown();
    ASSERT_NE(sweep, nullptr);
    const int focus = window.selection()->state().focus;
    for (const BudgetSweep::Line& line : sweep->lines)
        EXPECT_EQ(line.points.size(), line.policy == focus ? 3U : 1U) << line.title;
    const int replays = static_cast<int>(window.workspace()->specs().size());
    window.selection()->setExtent(window.selection()->tokenCount(), replays + 1); // a run stands behind them
    window.selection()->setFocus(replays);
    emit dialog->panel()->sweepWanted(QStringLiteral("24"));
    EXPECT_FALSE(dialog->isRunning()) << "a run is not replayed";
    window.selection()->setFocus(0);
    emit dialog->panel()->sweepWanted(QStringLiteral("24, lots"));
    EXPECT_FALSE(dialog->isRunning()) << "it says what is wrong instead";
}

TEST(SweepDialog, matchedBudgetsCanBeTakenBack)
{
    MainWindow window;
    window.show();
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    const auto before = window.workspace()->specs();
    SweepDialog* dialog = openSweep(window);
    emit dialog->panel()->matchWanted();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !dialog->isRunning(); }, kPatience));
    EXPECT_NE(window.workspace()->specs(), before) << "SnapKV and PyramidKV store more than they are asked for";
    window.history()->undo();
    EXPECT_EQ(window.workspace()->specs(), before);
    window.closeData();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_EQ(window.findChild<SweepDialog*>(QStringLiteral("sweep-dialog")), nullptr) << "it goes with the recording";
}
