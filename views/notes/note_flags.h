// SPDX-License-Identifier: GPL-3.0-or-later
// Notes on a ruler: a small flag at each of their places. GUI thread.
#pragma once

#include "views/notes/notes.h"
#include "views/style/theme.h"

#include <QPainter>

#include <functional>

namespace winnow::views {

/// Pole and flag, 7 × 9 px, standing on `bottom`. `xOf`: pixels of a token, fractional.
void drawNoteFlags(QPainter& painter, const std::vector<Note>& notes, const std::function<double(double)>& xOf, double bottom,
                   const Theme& theme);
/// The notes whose flags are within reach of `x`, a line each: "step 1,404: the needle goes"; "" where there are none.
QString noteWordsAt(const std::vector<Note>& notes, const std::function<double(double)>& xOf, double x);

} // namespace winnow::views
