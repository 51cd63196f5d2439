// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/notes/note_list.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::views {

NoteList::NoteList(Notes* notes, Selection* selection, QWidget* parent)
    : QWidget(parent), m_notes(notes), m_selection(selection), m_table(new QTableWidget(0, 2)), m_help(new QLabel),
      m_go(new QPushButton(tr("Go there"))), m_remove(new QPushButton(tr("Remove")))
{
    m_table->setHorizontalHeaderLabels({tr("Where"), tr("Note")});
    m_table->setAccessibleName(tr("Notes"));
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    m_table->setMinimumSize(360, 160);
    for (QPushButton* button : {m_go, m_remove}) // Enter belongs to the list
        button->setAutoDefault(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table, 1);
    column->addWidget(m_help);
    auto* row = new QHBoxLayout;
    m_help->setWordWrap(true);
    row->addStretch(1);
    row->addWidget(m_remove);
    row->addWidget(m_go);
    column->addLayout(row);
    connect(m_go, &QPushButton::clicked, this, &NoteList::goToCurrent);
    connect(m_remove, &QPushButton::clicked, this, &NoteList::removeCurrent);
    connect(m_table, &QTableWidget::itemChanged, this, [this](QTableWidgetItem* item) {
        if (!m_filling && item->column() == 1)
            m_notes->edit(item->row(), item->text());
    });
    connect(m_table, &QTableWidget::cellDoubleClicked, this, [this](int, int column) {
        if (column == 0)
            goToCurrent();
    });
    connect(m_table, &QTableWidget::currentCellChanged, this, [this] {
        m_go->setEnabled(current() >= 0);
        m_remove->setEnabled(current() >= 0);
    });
    connect(notes, &Notes::changed, this, &NoteList::refresh);
    refresh();
}

int NoteList::current() const { return m_table->currentRow(); }

void NoteList::refresh()
{
    m_filling = true;
    const int before = std::max(0, current());
    const auto& all = m_notes->all();
    m_table->setRowCount(static_cast<int>(all.size()));
    for (int row = 0; row < static_cast<int>(all.size()); ++row) {
        const Note& note = all[static_cast<std::size_t>(row)];
        auto* place = new QTableWidgetItem(placeWords(note));
        place->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        m_table->setItem(row, 0, place);
        m_table->setItem(row, 1, new QTableWidgetItem(note.words));
    }
    m_filling = false;
    m_help->setText(all.empty() ? tr("There is no note yet. Ctrl+B writes one about the step, the selected token or the brush.")
                                : tr("A double click on a note edits it."));
    m_table->setCurrentCell(std::min(before, m_table->rowCount() - 1), 1);
    m_go->setEnabled(current() >= 0);
    m_remove->setEnabled(current() >= 0);
}

void NoteList::goToCurrent()
{
    if (current() >= 0)
        goTo(m_notes->all()[static_cast<std::size_t>(current())], *m_selection);
}

void NoteList::removeCurrent() { m_notes->remove(current()); }

} // namespace winnow::views
