// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/shared_step.h"

#include "app/work/text_match.h"

namespace winnow::app {

using views::Range;
using views::SelectionState;

namespace {

/// Nothing where one of its ends lies where the texts differ.
std::optional<Range> rangeOf(const Range& range, const TextMatch& match)
{
    const auto first = match.tokenOf(range.begin), last = match.tokenOf(range.end - 1);
    return first && last && *first <= *last ? std::optional(Range{*first, *last + 1}) : std::nullopt;
}

} // namespace

SelectionState carried(const SelectionState& now, const std::optional<SelectionState>& own, const TextMatch& match)
{
    SelectionState next = now;
    const auto range = [&](const std::optional<Range>& mine, std::optional<Range> SelectionState::*field) {
        const auto there = mine ? rangeOf(*mine, match) : std::nullopt;
        return there || !mine || !own ? there : (*own).*field;
    };
    next.step = match.tokenOf(now.step).value_or(own ? own->step : now.step);
    if (now.token) {
        next.token = match.tokenOf(*now.token);
        if (!next.token && own)
            next.token = own->token;
    }
    next.tokenRange = range(now.tokenRange, &SelectionState::tokenRange);
    next.stepRange = range(now.stepRange, &SelectionState::stepRange);
    next.spans.clear();
    if (own)
        next.spans = own->spans;
    else
        for (const views::Span& span : now.spans)
            if (const auto there = rangeOf(span.tokens, match))
                next.spans.push_back({*there, span.name});
    next.zoom = own ? own->zoom : views::Zoom();
    return next;
}

SharedStep::SharedStep(OpenPlaces* places, Workspace* workspace, views::Selection* selection)
    : QObject(places), m_places(places), m_workspace(workspace), m_selection(selection)
{
    connect(places, &OpenPlaces::going, this, &SharedStep::leave);
    connect(workspace, &Workspace::dataChanged, this, [this] {
        if (const auto next = std::exchange(m_next, std::nullopt))
            m_selection->setState(*next);
    });
}

void SharedStep::leave(int place)
{
    const views::ViewData& now = m_workspace->data();
    const OpenPlace& there = m_places->at(place);
    if (!now.info || !there.data.info)
        return;
    m_left[m_workspace->sources().trace] = m_selection->state();
    const auto own = m_left.find(there.sources.trace);
    m_next = carried(m_selection->state(), own == m_left.end() ? std::nullopt : std::optional(own->second),
                     TextMatch(now.info, there.data.info));
}

} // namespace winnow::app
