// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/token/look_target.h"

#include "views/state/lane_choice.h"
#include "views/style/theme.h"

#include <QCoreApplication>

namespace winnow::views {

namespace {

QString tr(const char* words) { return QCoreApplication::translate("LookTarget", words); }

} // namespace

QString rangeWords(Range tokens)
{
    return tokens.size() == 1 ? tr("token %1").arg(grouped(tokens.begin))
                              : tr("tokens %1\u2013%2").arg(grouped(tokens.begin), grouped(tokens.end - 1));
}

std::vector<LookTarget> lookTargets(const SelectionState& state, const ViewData& data)
{
    std::vector<LookTarget> targets;
    if (state.token) {
        const Range one{*state.token, *state.token + 1};
        targets.push_back(
            {LookTarget::Kind::Token, one, QStringLiteral("%1 “%2”").arg(rangeWords(one), tokenLabel(data, *state.token))});
    }
    for (const Span& span : state.spans)
        targets.push_back(
            {LookTarget::Kind::Span, span.tokens, QStringLiteral("%1, %2").arg(span.name, rangeWords(span.tokens))});
    if (state.tokenRange)
        targets.push_back({LookTarget::Kind::Brush, *state.tokenRange, tr("brush, %1").arg(rangeWords(*state.tokenRange))});
    return targets;
}

std::optional<LookTarget::Kind> newestKind(Selection::Fields changed, const SelectionState& state, std::size_t spans)
{
    if ((changed & Selection::Token) && state.token)
        return LookTarget::Kind::Token;
    if ((changed & Selection::Spans) && state.spans.size() > spans)
        return LookTarget::Kind::Span;
    if ((changed & Selection::TokenRange) && state.tokenRange)
        return LookTarget::Kind::Brush;
    return std::nullopt;
}

} // namespace winnow::views
