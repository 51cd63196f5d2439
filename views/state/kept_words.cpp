// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/state/kept_words.h"

#include "core/analysis/kept_share.h"
#include "views/state/lane_choice.h"

#include <array>

namespace winnow::views {

QString keptWords(const ViewData& data, const SelectionState& state, int policy, std::optional<int> token)
{
    const int at = token.value_or(state.token.value_or(state.step));
    const PolicyReplay* computed = computedAt(data, policy, state.step);
    if (!computed)
        return QObject::tr("not computed yet");
    if (at > state.step || at >= computed->tokens)
        return QObject::tr("not read yet");
    const LaneChoice choice = lanesOf(data, state, policy);
    std::array<std::uint16_t, 1> kept{};
    countKept(*computed, choice.lanes, state.step, at, kept);
    return (choice.lanes.size() == 1 ? QObject::tr("is kept in %1 of %2 lane") : QObject::tr("is kept in %1 of %2 lanes"))
        .arg(kept[0])
        .arg(choice.lanes.size());
}

} // namespace winnow::views
