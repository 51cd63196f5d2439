// SPDX-License-Identifier: GPL-3.0-or-later
// The notes of the window: asks for them, lists them, goes to them. GUI thread.
#pragma once

#include "views/notes/notes.h"

#include <QObject>

class QWidget;

namespace winnow::app {

class Notebook : public QObject {
    Q_OBJECT
public:
    /// `selection` outlives this object; `window` carries the dialogs. Notes go with the text that they are about.
    Notebook(views::Selection* selection, QWidget* window);

    views::Notes* notes() const { return m_notes; }
    /// Asks for a line of text about what is looked at.
    void addHere();
    void list();
    void goTo(int number);

private:
    views::Selection* m_selection;
    QWidget* m_window;
    views::Notes* m_notes;
};

} // namespace winnow::app
