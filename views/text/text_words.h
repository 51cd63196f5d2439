// SPDX-License-Identifier: GPL-3.0-or-later
// What the text view says in words, and what "copy" takes from it. Pure.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

namespace winnow::views {

struct TextWords {
    QString subtitle; ///< "TreeKV at step 1,404"
    QString sentence; ///< for screen readers: the subtitle, the token under the pointer (or the selected one, or the step's), its
                      ///< lanes
};
/// Of a text of which `tokens` tokens are there. Cost: the chosen lanes of one token.
TextWords textWords(const ViewData& data, const Selection& selection, int tokens);

/// The bytes of the brushed tokens, else of the selected one, as text; "" without either.
QString copyableText(const ViewData& data, const SelectionState& state);

} // namespace winnow::views
