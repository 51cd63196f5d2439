// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes and steps that a number is over, in words, the same in every view. GUI thread.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

namespace winnow::views {

/// What numbers are over, in words: "all 192 lanes", "3 of 192 lanes", "layer 2, head 1".
QString laneWords(const ViewData& data, const SelectionState& state);
/// Likewise: "step 1,404", or "steps 10–20" of a half-open range.
QString stepWords(int step);
QString stepWords(const Range& steps);

} // namespace winnow::views
