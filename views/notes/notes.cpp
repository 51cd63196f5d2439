// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/notes/notes.h"

#include "views/style/theme.h"

#include <QCoreApplication>

#include <algorithm>

namespace winnow::views {

namespace {
QString words(const char* text) { return QCoreApplication::translate("Notes", text); }
} // namespace

QString placeWords(const Note& note)
{
    if (!note.tokens)
        return words("step %1").arg(grouped(note.step));
    if (note.tokens->size() == 1)
        return words("token %1").arg(grouped(note.tokens->begin));
    return words("tokens %1\u2013%2").arg(grouped(note.tokens->begin), grouped(note.tokens->end - 1));
}

Note noteOf(const SelectionState& state)
{
    Note note{.step = state.step};
    if (state.tokenRange)
        note.tokens = state.tokenRange;
    else if (state.token)
        note.tokens = Range{*state.token, *state.token + 1};
    return note;
}

void goTo(const Note& note, Selection& selection)
{
    selection.setStep(note.step);
    if (!note.tokens)
        return;
    if (note.tokens->size() > 1)
        selection.setTokenRange(note.tokens);
    else
        selection.setToken(note.tokens->begin);
}

void Notes::set(std::vector<Note> notes) { keep(std::move(notes)); }

void Notes::keep(std::vector<Note> notes)
{
    std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.place() < b.place(); });
    if (notes == m_notes)
        return;
    m_notes = std::move(notes);
    emit changed();
}

void Notes::add(Note note)
{
    std::vector<Note> notes = m_notes;
    notes.push_back(std::move(note));
    keep(std::move(notes));
    emit edited();
}

void Notes::edit(int number, const QString& words)
{
    if (number < 0 || number >= static_cast<int>(m_notes.size()) || m_notes[static_cast<std::size_t>(number)].words == words)
        return;
    std::vector<Note> notes = m_notes;
    notes[static_cast<std::size_t>(number)].words = words;
    keep(std::move(notes));
    emit edited();
}

void Notes::remove(int number)
{
    if (number < 0 || number >= static_cast<int>(m_notes.size()))
        return;
    std::vector<Note> notes = m_notes;
    notes.erase(notes.begin() + number);
    keep(std::move(notes));
    emit edited();
}

} // namespace winnow::views
