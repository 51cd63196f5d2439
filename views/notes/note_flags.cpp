// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/notes/note_flags.h"

#include <cmath>

namespace winnow::views {

namespace {

/// A step's flag stands where the playhead stands at it, a token's in the token's middle, a span's at its begin.
double poleOf(const Note& note, const std::function<double(double)>& xOf)
{
    const double at = !note.tokens ? note.step + 1 : note.tokens->size() == 1 ? note.tokens->begin + 0.5 : note.tokens->begin;
    return std::round(xOf(at));
}

} // namespace

void drawNoteFlags(QPainter& painter, const std::vector<Note>& notes, const std::function<double(double)>& xOf, double bottom,
                   const Theme& theme)
{
    for (const Note& note : notes) {
        const double x = poleOf(note, xOf);
        painter.fillRect(QRectF(x, bottom - 9, 1, 9), theme.ink);
        painter.fillRect(QRectF(x + 1, bottom - 9, 6, 4), theme.ink);
    }
}

QString noteWordsAt(const std::vector<Note>& notes, const std::function<double(double)>& xOf, double x)
{
    constexpr double kReach = 8;
    QStringList lines;
    for (const Note& note : notes)
        if (const double pole = poleOf(note, xOf); x >= pole - 2 && x <= pole + kReach)
            lines << placeWords(note) + QStringLiteral(": ") + note.words;
    return lines.join(QLatin1Char('\n'));
}

} // namespace winnow::views
