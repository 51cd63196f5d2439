// SPDX-License-Identifier: GPL-3.0-or-later
// Dialogs and menus stay on the screen with all that they hold.
#include "app/window/dialog_fit.h"
#include "app/window/keys_dialog.h"
#include "app/window/record_dialog.h"
#include "tests/app/window/window_fixture.h"
#include "tests/support/large_font.h"
#include "views/state/job_pools.h"

#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScreen>
#include <QStyle>
#include <QVBoxLayout>

using namespace winnow;
using namespace winnow::app;
using testing_support::FontScale;

TEST(Dialogs, fitIntoTheScreenWithEveryButtonAtTwiceTheFont)
{
    const FontScale twice(2);
    MainWindow window;
    window.show();
    const QRect screen = QApplication::primaryScreen()->availableGeometry();
    QList<QDialog*> dialogs{new RecordDialog(demoFolder().toStdString(), files().text.toStdString(), &window),
                            new KeysDialog(&window)};
    for (QDialog* dialog : dialogs) {
        dialog->show();
        QTest::qWait(50);
        views::waitForJobs(); // what a model is comes later, and is wider
        QTest::qWait(50);
        EXPECT_TRUE(screen.contains(dialog->geometry()))
            << dialog->windowTitle().toStdString() << ": " << dialog->width() << " x " << dialog->height();
        for (QPushButton* button : dialog->findChildren<QPushButton*>()) {
            const bool scrolls = [button] {
                for (QWidget* parent = button->parentWidget(); parent; parent = parent->parentWidget())
                    if (qobject_cast<ScrollBody*>(parent))
                        return true;
                return false;
            }();
            const QRect place(button->mapTo(dialog, QPoint(0, 0)), button->size());
            EXPECT_TRUE(scrolls || dialog->rect().contains(place)) << button->text().toStdString() << " is cut";
            EXPECT_LE(place.right(), dialog->width()) << button->text().toStdString() << " is cut at the right";
        }
        dialog->close();
    }
}

TEST(Dialogs, ofSweepsAndTuningCutNoButtonAtTwiceTheFont)
{
    const FontScale twice(2);
    MainWindow window;
    ASSERT_TRUE(showsFiles(window, {900, 600}));
    window.action(QStringLiteral("sweep"))->trigger();
    window.action(QStringLiteral("tune"))->trigger();
    QTest::qWait(50);
    int buttons = 0;
    for (const QDialog* dialog : window.findChildren<QDialog*>())
        for (const QPushButton* button : dialog->findChildren<QPushButton*>()) {
            ++buttons;
            EXPECT_LE(button->mapTo(dialog, QPoint(button->width(), 0)).x(), dialog->width()) << button->text().toStdString();
        }
    EXPECT_EQ(buttons, 8);
}

TEST(Menus, scrollWhereTheScreenIsLow)
{
    EXPECT_TRUE(QApplication::style()->styleHint(QStyle::SH_Menu_Scrollable)) << "a second column may stand outside the screen";
}

TEST(Dialogs, openOverTheMiddleOfTheWindow)
{
    MainWindow window;
    window.setMinimumSize(100, 100);
    window.setGeometry(300, 200, 400, 300);
    window.show();
    QDialog dialog(&window);
    dialog.resize(200, 100);
    dialog.show();
    QTest::qWait(20);
    const QPoint off = dialog.geometry().center() - window.frameGeometry().center();
    EXPECT_LE(off.manhattanLength(), 4);
    dialog.hide();
    dialog.move(50, 60);
    dialog.show();
    QTest::qWait(20);
    EXPECT_EQ(dialog.pos(), QPoint(50, 60)) << "where somebody has put it";
}

TEST(Dialogs, growWithWhatTheyHold)
{
    QDialog dialog;
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->addWidget(new QLabel(QStringLiteral("one line")));
    auto* outer = new QVBoxLayout(&dialog);
    auto* body = new ScrollBody(content, &dialog);
    outer->addWidget(body);
    dialog.show();
    QTest::qWait(20);
    const int before = dialog.height();
    const QPoint middle = dialog.geometry().center();
    auto* more = new QLabel(QStringLiteral("more"));
    more->setFixedHeight(200);
    column->addWidget(more);
    ASSERT_TRUE(QTest::qWaitFor([&] { return dialog.height() > before; }, 2000));
    QTest::qWait(20);
    EXPECT_GE(body->viewport()->height(), content->sizeHint().height());
    EXPECT_LE((dialog.geometry().center() - middle).manhattanLength(), 2) << "both ways";
    dialog.resize(dialog.width(), 120);
    QTest::qWait(20);
    EXPECT_EQ(dialog.height(), 120) << "the user may make it smaller";
}

TEST(Dialogs, stayOnTheScreenWithTheirFramesWhenTheyGrow)
{
    const MainWindow window; // it watches all dialogs
    const QRect screen = QApplication::primaryScreen()->availableGeometry();
    QDialog dialog;
    dialog.resize(300, 200);
    dialog.show();
    QTest::qWait(20);
    dialog.move(screen.left() + 20, screen.bottom() - 250);
    dialog.resize(300, 400);
    QTest::qWait(20);
    EXPECT_EQ(dialog.height(), 400);
    EXPECT_LE(dialog.geometry().bottom(), screen.bottom() - 4);
    EXPECT_LE(dialog.frameGeometry().bottom(), screen.bottom());
}

TEST(RecordDialog, offersTheModelAndTheTextThatAreOpen)
{
    MainWindow window;
    window.show();
    drop(window, {demoFolder(), files().text});
    ASSERT_TRUE(settle(window));
    window.opener()->openRecordDialog({}, {});
    const auto* dialog = window.findChild<RecordDialog*>();
    ASSERT_NE(dialog, nullptr);
    EXPECT_EQ(dialog->findChild<QLineEdit*>(QStringLiteral("model-path"))->text(), demoFolder());
    EXPECT_EQ(dialog->findChild<QComboBox*>(QStringLiteral("text-path"))->currentText(), files().text);
}

TEST(RecordDialog, offersTheTextOfARecordingThatWasOpenedByItsName)
{
    MainWindow window;
    window.show();
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    window.opener()->addRecent(files().text);
    window.opener()->openRecordDialog({}, {});
    EXPECT_EQ(window.findChild<RecordDialog*>()->findChild<QComboBox*>(QStringLiteral("text-path"))->currentText(), files().text)
        << "not the first sample";
}
