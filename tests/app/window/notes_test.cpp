// SPDX-License-Identifier: GPL-3.0-or-later
// Notes: made where one looks, listed, edited, gone to, kept in the session.
#include "app/window/command_palette.h"
#include "app/window/history.h"
#include "app/window/notebook.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/palette.h"
#include "views/deck/deck.h"
#include "views/notes/note_flags.h"
#include "views/notes/note_list.h"

#include <QAction>
#include <QInputDialog>
#include <QLabel>
#include <QPainter>
#include <QTableWidget>
#include <QTest>

using namespace winnow;
using namespace winnow::app;
using views::Note;
using views::Range;

TEST(Note, isAboutTheBrushElseTheTokenElseTheStep)
{
    views::SelectionState state;
    state.step = 1404;
    EXPECT_EQ(views::placeWords(views::noteOf(state)), QStringLiteral("step 1,404"));
    state.token = 961;
    EXPECT_EQ(views::placeWords(views::noteOf(state)), QStringLiteral("token 961"));
    state.tokenRange = Range{940, 1011};
    EXPECT_EQ(views::placeWords(views::noteOf(state)), QStringLiteral("tokens 940\u20131,010"));
    EXPECT_EQ(views::noteOf(state).step, 1404);
}

TEST(Notes, theirHelpStandsBelowTheList)
{
    views::Notes notes;
    views::Selection selection;
    views::NoteList list(&notes, &selection);
    QFont font = list.font();
    font.setPixelSize(26);
    list.setFont(font);
    list.adjustSize();
    list.show();
    QTest::qWait(20);
    const auto* table = list.findChild<QTableWidget*>();
    const QLabel* help = nullptr;
    for (const QLabel* label : list.findChildren<QLabel*>())
        if (label->text().contains(QStringLiteral("no note yet")))
            help = label;
    ASSERT_NE(help, nullptr);
    EXPECT_FALSE(help->geometry().intersects(table->geometry()));
    EXPECT_GE(help->height(), help->heightForWidth(help->width()));
}

TEST(Notes, standByTheirPlacesAndIgnoreNumbersThatAreNotThere)
{
    views::Notes notes;
    QSignalSpy edited(&notes, &views::Notes::edited);
    notes.add({.step = 90, .words = QStringLiteral("b")});
    notes.add({.step = 100, .tokens = Range{5, 6}, .words = QStringLiteral("a")});
    EXPECT_EQ(notes.all()[0].words, QStringLiteral("a"));
    notes.edit(7, QStringLiteral("x"));
    notes.remove(-1);
    notes.edit(0, QStringLiteral("a"));
    EXPECT_EQ(edited.size(), 2) << "nothing changed since";
    notes.remove(0);
    ASSERT_EQ(notes.all().size(), 1U);
    EXPECT_EQ(notes.all()[0].words, QStringLiteral("b"));
}

TEST(NoteFlags, standWhereTheNotesAreAndSayTheirWords)
{
    const std::vector<Note> notes{{.step = 9, .words = QStringLiteral("ten read")},
                                  {.step = 50, .tokens = Range{30, 31}, .words = QStringLiteral("a token")}};
    const auto xOf = [](double token) { return 10 * token; };
    EXPECT_EQ(views::noteWordsAt(notes, xOf, 102), QStringLiteral("step 9: ten read"));
    EXPECT_EQ(views::noteWordsAt(notes, xOf, 306), QStringLiteral("token 30: a token"));
    EXPECT_EQ(views::noteWordsAt(notes, xOf, 200), QString());
    QImage picture(400, 20, QImage::Format_RGB32);
    picture.fill(Qt::white);
    QPainter painter(&picture);
    views::drawNoteFlags(painter, notes, xOf, 15, views::Theme::lightTheme());
    painter.end();
    for (const int x : {100, 305})
        EXPECT_EQ(picture.pixelColor(x, 10), views::Theme::lightTheme().ink) << x;
    EXPECT_EQ(picture.pixelColor(200, 10), QColor(Qt::white));
}

TEST(NotesOfTheWindow, areMadeListedEditedGoneToAndFound)
{
    MainWindow window;
    ASSERT_TRUE(showsFiles(window));
    window.selection()->setStep(77);
    window.selection()->setToken(33);
    window.action(QStringLiteral("note"))->trigger();
    auto* dialog = window.findChild<QInputDialog*>(QStringLiteral("note-dialog"));
    ASSERT_NE(dialog, nullptr);
    dialog->setTextValue(QStringLiteral("  the needle  "));
    dialog->accept();
    views::Notes& notes = *window.notebook()->notes();
    ASSERT_EQ(notes.all().size(), 1U);
    EXPECT_EQ(notes.all()[0], (Note{77, Range{33, 34}, QStringLiteral("the needle")}));

    window.selection()->setStep(100);
    window.selection()->setToken({});
    window.action(QStringLiteral("notes"))->trigger();
    auto* list = window.findChild<views::NoteList*>();
    ASSERT_NE(list, nullptr);
    ASSERT_EQ(list->table()->rowCount(), 1);
    EXPECT_EQ(list->table()->item(0, 0)->text(), QStringLiteral("token 33"));
    list->table()->item(0, 1)->setText(QStringLiteral("the needle goes"));
    EXPECT_EQ(notes.all()[0].words, QStringLiteral("the needle goes"));
    list->goToCurrent();
    EXPECT_EQ(window.selection()->state().step, 77);
    EXPECT_EQ(window.selection()->state().token, 33);

    window.selection()->setStep(100);
    window.palette()->open();
    window.palette()->palette()->field()->setText(QStringLiteral("needle goes"));
    ASSERT_FALSE(window.palette()->palette()->found().empty());
    EXPECT_EQ(window.palette()->palette()->found().front().kind, views::PaletteEntry::Kind::Note);
    window.palette()->take(window.palette()->palette()->found().front());
    EXPECT_EQ(window.selection()->state().step, 77);

    list->removeCurrent();
    EXPECT_TRUE(notes.all().empty());
    window.history()->undo();
    EXPECT_EQ(notes.all().size(), 1U);
    window.closeData();
    EXPECT_TRUE(notes.all().empty()) << "they go with the text that they are about";
}

TEST(NotesOfTheWindow, aNoteWithoutWordsIsNone)
{
    MainWindow window;
    drop(window, {files().trace, files().replay});
    ASSERT_TRUE(settle(window));
    window.notebook()->addHere();
    auto* dialog = window.findChild<QInputDialog*>(QStringLiteral("note-dialog"));
    ASSERT_NE(dialog, nullptr);
    dialog->setTextValue(QStringLiteral("   "));
    dialog->accept();
    EXPECT_TRUE(window.notebook()->notes()->all().empty());
}
