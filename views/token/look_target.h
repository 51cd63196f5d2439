// SPDX-License-Identifier: GPL-3.0-or-later
// What an autopsy can be about: the selected token, a marked span, the brush. Values only; no widget.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

#include <optional>
#include <vector>

namespace winnow::views {

struct LookTarget {
    enum class Kind { Token, Span, Brush } kind = Kind::Token;
    Range tokens;
    QString name;
    friend bool operator==(const LookTarget&, const LookTarget&) = default;
};

/// "token 961", "tokens 334–340".
QString rangeWords(Range tokens);
/// All that can be looked at now, the token first.
std::vector<LookTarget> lookTargets(const SelectionState& state, const ViewData& data);
/// The kind that a change of the selection brought; nothing where it only took something away. `spans`: marked before the change.
std::optional<LookTarget::Kind> newestKind(Selection::Fields changed, const SelectionState& state, std::size_t spans);

} // namespace winnow::views
