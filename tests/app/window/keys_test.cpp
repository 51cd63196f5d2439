// SPDX-License-Identifier: GPL-3.0-or-later
// Keys belong to the focus first: what a field, a list or a button does with a key is not also done by the window.
#include "app/window/actions.h"
#include "app/window/record_dialog.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/policies/policy_list_row.h"
#include "views/text/text_view.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTest>
#include <QWheelEvent>

using namespace winnow;
using namespace winnow::app;

namespace {

bool isEnter(int key) { return key == Qt::Key_Return || key == Qt::Key_Enter; }

/// Whether this kind of widget types, chooses or presses with the key.
bool takes(const QWidget& widget, int key)
{
    const bool printable = key >= Qt::Key_Space && key <= Qt::Key_AsciiTilde;
    const bool moves = key >= Qt::Key_Home && key <= Qt::Key_PageDown;
    if (key == Qt::Key_Escape)
        return qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget);
    if (qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) ||
        qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget))
        return printable || moves || isEnter(key);
    return qobject_cast<const QAbstractButton*>(&widget) && (key == Qt::Key_Space || isEnter(key));
}

} // namespace

TEST(Keys, areNotTakenFromTheWidgetThatUsesThem)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    ASSERT_TRUE(activate(window));
    for (views::PolicyRow* row : window.policyList()->findChildren<views::PolicyRow*>())
        row->setExpanded(true);
    window.find();
    std::vector<QKeyCombination> keys;
    for (const ActionSpec& spec : actionTable())
        for (const QKeySequence& sequence : shortcutsOf(spec))
            if (sequence.count() == 1 && !(sequence[0].keyboardModifiers() & ~Qt::ShiftModifier))
                keys.push_back(sequence[0]);
    ASSERT_GT(keys.size(), 25u);
    int asked = 0;
    for (int tab = 0; tab < window.lowerDock()->count(); ++tab) {
        window.showLowerTab(tab);
        for (QWidget* one : window.findChildren<QWidget*>()) {
            if (!one->isVisible() || one->focusPolicy() == Qt::NoFocus)
                continue;
            for (const QKeyCombination& key : keys) {
                if (!takes(*one, key.key()))
                    continue;
                const bool printable = key.key() >= Qt::Key_Space && key.key() <= Qt::Key_AsciiTilde;
                QKeyEvent event(QEvent::ShortcutOverride, key.key(), key.keyboardModifiers(),
                                printable ? QString(QChar(key.key())).toLower() : QString());
                event.ignore();
                QApplication::sendEvent(one, &event); // Qt's question before it looks for a shortcut
                EXPECT_TRUE(event.isAccepted()) << one->metaObject()->className() << " \"" << one->accessibleName().toStdString()
                                                << "\" loses " << QKeySequence(key).toString().toStdString() << " to the window";
                ++asked;
            }
        }
    }
    EXPECT_GT(asked, 500);
}

TEST(Keys, withCtrlAreTheWindowsWhicheverViewHasTheFocus)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    ASSERT_TRUE(activate(window));
    int asked = 0;
    for (int tab = 0; tab < window.lowerDock()->count(); ++tab) {
        window.showLowerTab(tab);
        for (QWidget* one : window.findChildren<QWidget*>()) {
            if (!one->isVisible() || one->focusPolicy() == Qt::NoFocus || takes(*one, Qt::Key_Escape))
                continue; // fields cut and paste
            for (const ActionSpec& spec : actionTable())
                for (const QKeySequence& sequence : shortcutsOf(spec)) {
                    if (sequence.count() != 1 || !(sequence[0].keyboardModifiers() & Qt::ControlModifier))
                        continue;
                    QKeyEvent event(QEvent::ShortcutOverride, sequence[0].key(), sequence[0].keyboardModifiers());
                    event.ignore();
                    QApplication::sendEvent(one, &event);
                    EXPECT_FALSE(event.isAccepted())
                        << one->metaObject()->className() << " \"" << one->accessibleName().toStdString() << "\" takes "
                        << sequence.toString().toStdString() << " from the window";
                    ++asked;
                }
        }
    }
    EXPECT_GT(asked, 500);
}

TEST(Keys, ofEveryActionReachItFromEveryPane)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    ASSERT_TRUE(activate(window));
    int pressed = 0;
    for (const ActionSpec& spec : actionTable()) {
        QAction* action = window.action(QLatin1String(spec.id));
        QObject::disconnect(action, &QAction::triggered, nullptr, nullptr); // that it is told is enough here
        action->setEnabled(true);
    }
    for (QWidget* pane : std::initializer_list<QWidget*>{window.mapGrid(), window.textView(), window.deck(), window.laneGrid(),
                                                         window.policyList()})
        for (const ActionSpec& spec : actionTable()) {
            QAction* action = window.action(QLatin1String(spec.id));
            for (const QKeySequence& keys : action->shortcuts()) {
                const bool moves =
                    keys[0].key() == Qt::Key_Space || (keys[0].key() >= Qt::Key_Home && keys[0].key() <= Qt::Key_Down);
                if (pane == window.laneGrid() && moves && !(keys[0].keyboardModifiers() & Qt::ControlModifier))
                    continue; // its own: to its cells, and to choose one
                pane->setFocus();
                QSignalSpy told(action, &QAction::triggered);
                QWidget* focus = QApplication::focusWidget();
                ASSERT_NE(focus, nullptr);
                QTest::keyClick(focus, keys[0].key(), keys[0].keyboardModifiers());
                ++pressed;
                EXPECT_EQ(told.count(), 1) << spec.id << " by " << keys.toString().toStdString() << " in "
                                           << focus->metaObject()->className();
            }
        }
    EXPECT_GT(pressed, 400);
}

TEST(Keys, pastAFieldStillReachTheWindow)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    window.find();
    QSignalSpy next(window.action(QStringLiteral("next-pane")), &QAction::triggered);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
    EXPECT_EQ(next.size(), 1) << "no field does anything with F6";
}

TEST(Keys, ofATabGiveItsViewTheFocus)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    for (const char* id : {"quality", "token", "attention", "wavelet", "drift", "answers"}) {
        window.mapGrid()->setFocus();
        window.action(QLatin1String(id))->trigger();
        QWidget* focus = QApplication::focusWidget();
        ASSERT_NE(focus, nullptr) << id;
        EXPECT_TRUE(window.lowerDock()->currentWidget()->isAncestorOf(focus)) << id;
        EXPECT_FALSE(qobject_cast<QComboBox*>(focus) || qobject_cast<QLineEdit*>(focus)) << id << ": it would take letters";
    }
    window.action(QStringLiteral("quality"))->trigger();
    window.action(QStringLiteral("table"))->trigger();
    window.mapGrid()->setFocus();
    window.action(QStringLiteral("quality"))->trigger();
    EXPECT_TRUE(qobject_cast<QAbstractItemView*>(QApplication::focusWidget())) << "the table that is shown";
}

TEST(Keys, enterInTheTextGoesToTheChosenToken)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    window.textView()->setFocus();
    window.selection()->setToken(33);
    for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Enter}) {
        window.selection()->setStep(77);
        QTest::keyClick(window.textView(), key);
        EXPECT_EQ(window.selection()->state().step, 33);
        EXPECT_FALSE(window.mapGrid()->isMaximized());
    }
    window.selection()->setToken({});
    QTest::keyClick(window.textView(), Qt::Key_Return);
    EXPECT_TRUE(window.mapGrid()->isMaximized()) << "without a token it is the window's key";
}

TEST(Keys, enterInTheRecordDialogRecords)
{
    RecordDialog dialog("/nowhere", files().text.toStdString(), nullptr);
    dialog.show();
    QTest::keyClick(dialog.findChild<QLineEdit*>(QStringLiteral("model-path")), Qt::Key_Return);
    EXPECT_EQ(dialog.findChild<QFileDialog*>(), nullptr) << "it asked for a file instead";
    EXPECT_TRUE(dialog.isVisible()) << "there is no such model, and it says so";
}

TEST(Keys, enterTakesTheEntryThatIsChosenInAnOpenList)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    auto* box = window.lowerDock()->currentWidget()->findChild<QComboBox*>();
    ASSERT_TRUE(box && box->isVisible());
    const int before = box->currentIndex();
    box->showPopup();
    ASSERT_TRUE(QTest::qWaitFor([&] { return box->view()->isVisible(); }));
    QTest::qWait(QApplication::doubleClickInterval()); // the click that opened it is over
    QTest::keyClick(box->view(), Qt::Key_Down);
    QTest::keyClick(box->view(), Qt::Key_Return);
    QApplication::processEvents();
    EXPECT_EQ(box->currentIndex(), before + 1);
    EXPECT_FALSE(box->view()->isVisible());
    EXPECT_FALSE(window.mapGrid()->isMaximized()) << "the window has not heard of it";
}

TEST(Keys, escapeClosesAnOpenListAndLeavesTheFilters)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    window.selection()->setDifference(true);
    auto* box = window.lowerDock()->currentWidget()->findChild<QComboBox*>();
    ASSERT_TRUE(box && box->isVisible());
    box->setFocus();
    box->showPopup();
    ASSERT_TRUE(QTest::qWaitFor([&] { return box->view()->isVisible(); }));
    QTest::keyClick(box->view(), Qt::Key_Escape);
    QApplication::processEvents();
    EXPECT_FALSE(box->view()->isVisible());
    EXPECT_TRUE(window.selection()->state().difference);
    EXPECT_EQ(window.focusWidget(), box);
}

TEST(Keys, escapeInAFieldTakesBackWhatWasTypedAndLeavesTheField)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    window.selection()->setDifference(true);
    window.showLowerTab(3);
    auto* levels = window.lowerDock()->currentWidget()->findChild<QAbstractSpinBox*>(QStringLiteral("levels"));
    ASSERT_TRUE(levels && levels->isVisible());
    const QString before = levels->text();
    levels->setFocus();
    levels->selectAll();
    QTest::keyClicks(levels, QStringLiteral("3"));
    EXPECT_NE(levels->text(), before);
    QTest::keyClick(levels, Qt::Key_Escape);
    EXPECT_EQ(levels->text(), before);
    EXPECT_FALSE(levels->hasFocus());
    EXPECT_TRUE(window.selection()->state().difference) << "the first Esc was the field's";
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    EXPECT_FALSE(window.selection()->state().difference);
    const QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    EXPECT_EQ(QApplication::focusWidget(), focus) << "with nothing to remove";
}

TEST(Keys, ofAWindowThatWasJustFilledAreTheWindows)
{
    MainWindow window;
    window.resize(1440, 900);
    window.show();
    ASSERT_TRUE(activate(window));
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    QSignalSpy play(window.action(QStringLiteral("play")), &QAction::triggered);
    ASSERT_NE(QApplication::focusWidget(), nullptr);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    EXPECT_EQ(play.size(), 1) << QApplication::focusWidget()->metaObject()->className() << " has the key";
}

TEST(Wheel, changesAListOrANumberOnlyWhereTheFocusIs)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    for (int tab = 0; tab < window.lowerDock()->count(); ++tab) {
        window.showLowerTab(tab);
        for (auto* box : window.lowerDock()->currentWidget()->findChildren<QComboBox*>()) {
            if (!box->isVisible())
                continue;
            EXPECT_FALSE(box->focusPolicy() & Qt::WheelFocus & ~Qt::StrongFocus) << box->accessibleName().toStdString();
            window.mapGrid()->setFocus();
            const int before = box->currentIndex();
            for (const int turned : {-120, 120}) {
                QWheelEvent event(QPointF(8, 8), box->mapToGlobal(QPointF(8, 8)), {}, {0, turned}, Qt::NoButton, {},
                                  Qt::NoScrollPhase, false);
                QApplication::sendEvent(box, &event);
                EXPECT_EQ(box->currentIndex(), before) << box->accessibleName().toStdString();
            }
        }
    }
}
