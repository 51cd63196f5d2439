// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_words.h"

#include "views/state/kept_words.h"
#include "views/state/lane_choice.h"
#include "views/style/theme.h"

#include <algorithm>

namespace winnow::views {

TextWords textWords(const ViewData& data, const Selection& selection, int tokens)
{
    const SelectionState& state = selection.state();
    TextWords words{{}, QObject::tr("No text yet")};
    if (tokens > 0) {
        words.subtitle = QObject::tr("at step %1").arg(grouped(state.step));
        const bool known = data.replay && state.focus < static_cast<int>(data.replay->policies.size());
        const PolicyReplay* policy = known ? data.replay->policies[static_cast<std::size_t>(state.focus)].get() : nullptr;
        if (policy)
            words.subtitle = QObject::tr("%1 %2").arg(policyTitle(*policy), words.subtitle);
        if (const auto reference = policy ? state.comparedWith(state.focus) : std::nullopt)
            words.subtitle =
                QObject::tr("%1 against %2 at step %3")
                    .arg(policyTitle(*policy), policyTitle(*data.replay->policies[static_cast<std::size_t>(*reference)]),
                         grouped(state.step));
        const PolicyReplay* computed = computedAt(data, state.focus, state.step);
        if (policy && !computed)
            words.subtitle += QObject::tr(" \u00B7 not computed yet");
        const int token = selection.hoverToken().value_or(state.token.value_or(state.step));
        words.sentence = QObject::tr("%1. Token %2, %3").arg(words.subtitle, grouped(token), tokenLabel(data, token, 40));
        if (computed && token <= state.step && token < computed->tokens)
            words.sentence += QStringLiteral(", ") + keptWords(data, state, state.focus, token);
    }
    return words;
}

QString copyableText(const ViewData& data, const SelectionState& state)
{
    if (!data.info)
        return {};
    const Range range = state.tokenRange.value_or(state.token ? Range{*state.token, *state.token + 1} : Range{});
    std::int32_t begin = -1, end = -1;
    for (int token = range.begin; token < range.end && token < static_cast<int>(data.info->offsets.size()); ++token) {
        const auto [first, last] = data.info->offsets[static_cast<std::size_t>(token)];
        if (first >= last)
            continue;
        begin = begin < 0 ? first : std::min(begin, first);
        end = std::max(end, last);
    }
    if (begin < 0 || end > static_cast<std::int32_t>(data.info->text.size()))
        return {};
    return QString::fromUtf8(data.info->text.data() + begin, end - begin);
}

} // namespace winnow::views
