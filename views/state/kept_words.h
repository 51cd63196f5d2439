// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of one token, in words: for the sentences of every view.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

#include <optional>

namespace winnow::views {

/// "is kept in 12 of 192 lanes" of `token`, or why it is not said: of the token that is looked at, else that of the step. Cost:
/// the chosen lanes of one token.
QString keptWords(const ViewData& data, const SelectionState& state, int policy, std::optional<int> token = std::nullopt);

} // namespace winnow::views
