// SPDX-License-Identifier: GPL-3.0-or-later
// The notes as a list: where and what, edited in place, gone to, removed. GUI thread.
#pragma once

#include "views/notes/notes.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTableWidget;

namespace winnow::views {

class NoteList : public QWidget {
    Q_OBJECT
public:
    /// Both outlive this object.
    NoteList(Notes* notes, Selection* selection, QWidget* parent = nullptr);

    QTableWidget* table() const { return m_table; }
    void goToCurrent();
    void removeCurrent();

private:
    void refresh();
    int current() const; ///< −1 = none

    Notes* m_notes;
    Selection* m_selection;
    QTableWidget* m_table;
    QLabel* m_help;
    QPushButton *m_go, *m_remove;
    bool m_filling = false;
};

} // namespace winnow::views
