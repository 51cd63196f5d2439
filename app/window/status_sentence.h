// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the window: in the middle of the transport row, about its memory, and what it asks before something is lost.
#pragma once

#include "app/work/workspace.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

namespace winnow::app {

/// What became of the selected token under focus and reference; empty without a token or a replay.
QString statusSentence(const views::ViewData& data, const views::SelectionState& state);

/// Asks what becomes of `stake`. `others`: recordings in other tabs that are not saved either.
QString keepQuestion(const AtStake& stake, int others);

/// Resident memory of this process, "CPU 1.2 GB"; "" where the system does not tell.
QString memoryWords();

} // namespace winnow::app
