// SPDX-License-Identifier: GPL-3.0-or-later
// The sentence in the middle of the transport row, and that of the memory.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

namespace winnow::app {

/// What became of the selected token under focus and reference; empty without a token or a replay.
QString statusSentence(const views::ViewData& data, const views::SelectionState& state);

/// Resident memory of this process, "CPU 1.2 GB"; "" where the system does not tell.
QString memoryWords();

} // namespace winnow::app
