// SPDX-License-Identifier: GPL-3.0-or-later
// Notes: a line of text at a step, at a token or at a span of tokens, as a bookmark to come back to. GUI thread.
#pragma once

#include "views/state/selection.h"

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

namespace winnow::views {

struct Note {
    int step = 0;                ///< at which it was made
    std::optional<Range> tokens; ///< one token, or a span; nothing = it is about the step
    QString words;
    /// Where it stands on the axis of tokens and steps.
    int place() const { return tokens ? tokens->begin : step; }
    friend bool operator==(const Note&, const Note&) = default;
};

/// "step 1,404", "token 961", "tokens 940–1,010".
QString placeWords(const Note& note);
/// A note without words about what is looked at: the brushed tokens, else the selected token, else the step.
Note noteOf(const SelectionState& state);
/// Looks at what the note is about, at its step.
void goTo(const Note& note, Selection& selection);

class Notes : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    /// By their places.
    const std::vector<Note>& all() const { return m_notes; }
    /// Replaces all of them: a session is opened, a deed undone.
    void set(std::vector<Note> notes);

    void add(Note note);
    /// Numbers of notes that are not there change nothing.
    void edit(int number, const QString& words);
    void remove(int number);

signals:
    void changed();
    void edited(); ///< by add, edit or remove, after `changed`

private:
    void keep(std::vector<Note> notes);

    std::vector<Note> m_notes;
};

} // namespace winnow::views
