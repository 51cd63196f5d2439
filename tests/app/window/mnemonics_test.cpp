// SPDX-License-Identifier: GPL-3.0-or-later
// Every menu and every dialog by the keyboard: each entry, button and labeled field has a letter, and no letter twice.
#include "app/window/mnemonics.h"
#include "tests/app/window/window_fixture.h"
#include "views/policies/policy_list.h"
#include "views/policies/policy_list_row.h"

#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

#include <map>

using namespace winnow;
using namespace winnow::app;

namespace {

/// What is wrong with the letters of these texts, a line each.
QString faults(const QStringList& texts)
{
    QStringList lines;
    std::map<QChar, QString> owners;
    for (const QString& text : texts) {
        const QChar letter = mnemonicOf(text);
        if (letter.isNull())
            lines << QStringLiteral("'%1' has no letter").arg(text);
        else if (const auto [place, fresh] = owners.emplace(letter, text); !fresh)
            lines << QStringLiteral("'%1' and '%2' share a letter").arg(place->second, text);
    }
    return lines.join(QLatin1Char('\n'));
}

/// Shows the menu and those in it, and looks at their entries. Returns how many there are.
int walk(QMenu& menu)
{
    menu.popup(QPoint(10, 10));
    QStringList texts;
    QList<QMenu*> inner;
    for (const QAction* entry : menu.actions()) {
        if (!entry->isSeparator())
            texts << entry->text();
        if (entry->menu())
            inner << entry->menu();
    }
    EXPECT_EQ(faults(texts).toStdString(), "") << "in the menu " << menu.title().toStdString();
    menu.close();
    int count = static_cast<int>(texts.size());
    for (QMenu* each : inner)
        count += walk(*each);
    return count;
}

bool isField(const QWidget& widget)
{
    const QWidget* parent = widget.parentWidget();
    return (qobject_cast<const QLineEdit*>(&widget) && !qobject_cast<const QComboBox*>(parent) &&
            !qobject_cast<const QAbstractSpinBox*>(parent) && !qobject_cast<const QKeySequenceEdit*>(parent)) ||
           qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) ||
           qobject_cast<const QKeySequenceEdit*>(&widget);
}

/// Looks at the letters of the dialog that is shown, and that every field can be reached by one: its label's, or Tab from a
/// check box. Closes it.
void look(QDialog* dialog, const char* name, int least)
{
    ASSERT_NE(dialog, nullptr) << name;
    QApplication::processEvents();
    QStringList texts;
    QList<const QWidget*> reached{dialog->focusWidget()};
    for (const QWidget* one : dialog->findChildren<QWidget*>()) {
        if (!one->isVisible() || one->window() != dialog)
            continue;
        const auto* button = qobject_cast<const QAbstractButton*>(one);
        const auto* label = qobject_cast<const QLabel*>(one);
        if (button && !button->text().isEmpty()) {
            texts << button->text();
            reached << button->nextInFocusChain();
        } else if (label && label->buddy()) {
            texts << label->text();
            reached << label->buddy();
        }
    }
    EXPECT_EQ(faults(texts).toStdString(), "") << name;
    EXPECT_GE(texts.size(), least) << name;
    const bool isOurs = !qobject_cast<const QFileDialog*>(dialog);
    for (const QWidget* one : dialog->findChildren<QWidget*>())
        EXPECT_TRUE(!isOurs || !one->isVisible() || !isField(*one) || reached.contains(one))
            << name << ": no letter for " << one->metaObject()->className() << " \"" << one->accessibleName().toStdString()
            << "\"";
    dialog->close();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

QDialog* shownDialog(MainWindow& window)
{
    for (QDialog* dialog : window.findChildren<QDialog*>())
        if (dialog->isVisible())
            return dialog;
    return nullptr;
}

} // namespace

TEST(Mnemonics, areTheFirstFreeLettersAndMoveAsideForOthers)
{
    EXPECT_EQ(withMnemonics({QStringLiteral("Open…"), QStringLiteral("Open beside…"), QStringLiteral("Quit")}),
              (QStringList{QStringLiteral("&Open…"), QStringLiteral("Open &beside…"), QStringLiteral("&Quit")}));
    EXPECT_EQ(withMnemonics({QStringLiteral("ab"), QStringLiteral("a")}),
              (QStringList{QStringLiteral("a&b"), QStringLiteral("&a")}))
        << "the first moves, for the second has only this one";
    EXPECT_EQ(withMnemonics({QStringLiteral("Save"), QStringLiteral("&Same")}),
              (QStringList{QStringLiteral("S&ave"), QStringLiteral("&Same")}))
        << "what is given stays";
    EXPECT_EQ(withMnemonics({QStringLiteral("&Go"), QStringLiteral("&Get")}),
              (QStringList{QStringLiteral("&Go"), QStringLiteral("G&et")}));
    EXPECT_EQ(withMnemonics({QStringLiteral("a"), QStringLiteral("A"), QStringLiteral("…"), QString()}),
              (QStringList{QStringLiteral("&a"), QStringLiteral("A"), QStringLiteral("…"), QString()}))
        << "none is left";
}

TEST(Mnemonics, leaveTheAndOfAName)
{
    const QString name = QStringLiteral("R&D/model"), text = withMnemonics({asMenuText(name)}).front();
    EXPECT_EQ(text, QStringLiteral("&R&&D/model"));
    EXPECT_EQ(withoutMnemonic(text), name);
    EXPECT_EQ(mnemonicOf(text), QLatin1Char('r'));
    EXPECT_EQ(mnemonicOf(asMenuText(name)), QChar());
}

TEST(Mnemonics, chooseEveryEntryOfEveryMenu)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    QStringList titles;
    for (const QAction* menu : window.menuBar()->actions())
        titles << menu->text();
    EXPECT_EQ(faults(titles).toStdString(), "");
    int entries = 0;
    for (const QAction* menu : window.menuBar()->actions())
        entries += walk(*menu->menu());
    EXPECT_GT(entries, 90);
    for (const auto* button : window.findChildren<QToolButton*>())
        if (button->menu())
            entries += walk(*button->menu());
    emit window.policyList()->findChild<views::PolicyRow*>()->menuWanted(QPoint(10, 10));
    for (QMenu* menu : window.policyList()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly))
        entries += walk(*menu);
    QContextMenuEvent click(QContextMenuEvent::Mouse, QPoint(600, 300), window.mapToGlobal(QPoint(600, 300)));
    QApplication::sendEvent(&window, &click);
    ASSERT_NE(QApplication::activePopupWidget(), nullptr);
    entries += walk(*qobject_cast<QMenu*>(QApplication::activePopupWidget()));
    EXPECT_GT(entries, 130);
}

TEST(Mnemonics, openAMenuAndLeaveLettersToTheWindow)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    ASSERT_TRUE(activate(window));
    QTest::keyClick(&window, Qt::Key_V, Qt::AltModifier);
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    ASSERT_NE(menu, nullptr);
    EXPECT_EQ(withoutMnemonic(menu->title()), QStringLiteral("View"));
    const bool before = window.selection()->state().difference;
    const QAction* difference = window.action(QStringLiteral("difference"));
    QTest::keyClick(menu, static_cast<char>(mnemonicOf(difference->text()).unicode()));
    EXPECT_NE(window.selection()->state().difference, before);
    EXPECT_FALSE(menu->isVisible());
    QTest::keyClick(&window, Qt::Key_V);
    EXPECT_EQ(QApplication::activePopupWidget(), nullptr);
    EXPECT_EQ(window.selection()->state().rows, views::MapRows::Lanes) << "alone, it is the key of the rows";
}

TEST(Mnemonics, chooseEveryFieldAndButtonOfEveryDialog)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.activateWindow();
    window.selection()->setFocus(1);
    const std::pair<const char*, int> dialogs[] = {{"record", 13}, {"prompt", 2}, {"note", 2}, {"notes", 1}, {"sweep", 5},
                                                   {"tune", 6},    {"keys", 2},   {"save", 2}, {"export", 2}};
    for (const auto& [id, least] : dialogs) {
        window.action(QLatin1String(id))->trigger();
        look(shownDialog(window), id, least);
    }
}

TEST(Mnemonics, followAButtonThatGetsAnotherText)
{
    MainWindow window;
    QDialog dialog(&window);
    auto* run = new QPushButton(QStringLiteral("Tune"), &dialog);
    auto* layout = new QVBoxLayout(&dialog);
    layout->addWidget(run);
    dialog.show();
    EXPECT_EQ(run->text(), QStringLiteral("&Tune"));
    run->setText(QStringLiteral("Stop"));
    QApplication::processEvents();
    EXPECT_EQ(run->text(), QStringLiteral("&Stop"));
}
