// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/notebook.h"

#include "views/notes/note_list.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QInputDialog>
#include <QVBoxLayout>

namespace winnow::app {

Notebook::Notebook(views::Selection* selection, QWidget* window)
    : QObject(window), m_selection(selection), m_window(window), m_notes(new views::Notes(this))
{
    connect(selection, &views::Selection::left, m_notes, [this] { m_notes->set({}); });
}

void Notebook::addHere()
{
    if (m_selection->tokenCount() == 0)
        return;
    const views::Note note = views::noteOf(m_selection->state());
    auto* dialog = new QInputDialog(m_window);
    dialog->setObjectName(QStringLiteral("note-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setInputMode(QInputDialog::TextInput);
    dialog->setWindowTitle(tr("Note"));
    dialog->setLabelText(tr("At %1:").arg(views::placeWords(note)));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QInputDialog::textValueSelected, m_notes, [this, note](const QString& words) {
        views::Note written = note;
        written.words = words.simplified();
        if (!written.words.isEmpty())
            m_notes->add(written);
    });
    dialog->open();
}

void Notebook::list()
{
    auto* dialog = new QDialog(m_window);
    dialog->setObjectName(QStringLiteral("notes-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Notes"));
    auto* column = new QVBoxLayout(dialog);
    column->addWidget(new views::NoteList(m_notes, m_selection), 1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    column->addWidget(buttons);
    dialog->show();
}

void Notebook::goTo(int number)
{
    if (number >= 0 && number < static_cast<int>(m_notes->all().size()))
        views::goTo(m_notes->all()[static_cast<std::size_t>(number)], *m_selection);
}

} // namespace winnow::app
