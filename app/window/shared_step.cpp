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
    const TextMatch back = match.reversed();
    // The same text, where it is there; else its own, if it is not that of the same text, from which it was taken away.
    const auto range = [&](const std::optional<Range>& mine, std::optional<Range> SelectionState::*field) {
        const auto there = mine ? rangeOf(*mine, match) : std::nullopt;
        const auto its = own ? (*own).*field : std::nullopt;
        return there || !its || (!mine && rangeOf(*its, back)) ? there : its;
    };
    next.step = match.tokenOf(now.step).value_or(own ? own->step : now.step);
    next.token = now.token ? match.tokenOf(*now.token) : std::nullopt;
    if (!next.token && own && own->token && (now.token || !back.tokenOf(*own->token)))
        next.token = own->token;
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
    connect(places, &OpenPlaces::leaving, this, &SharedStep::remember);
    connect(places, &OpenPlaces::going, this, &SharedStep::carryTo);
    connect(workspace, &Workspace::taking, this, [this] { m_emptied.reset(); });
    connect(workspace, &Workspace::failed, this, [this] {
        if (const auto own = std::exchange(m_emptied, std::nullopt); own && m_workspace->data().info)
            m_selection->setState(*own);
    });
    connect(workspace, &Workspace::dataChanged, this, [this] {
        if (const auto next = std::exchange(m_next, std::nullopt))
            m_selection->setState(*next);
    });
}

void SharedStep::remember()
{
    if (m_workspace->data().info)
        m_left[m_workspace->sources().trace] = m_selection->state();
}

void SharedStep::empty()
{
    remember();
    if (m_workspace->data().info)
        m_emptied = m_selection->state();
    m_selection->setState({});
}

void SharedStep::carryTo(int place)
{
    const views::ViewData& now = m_workspace->data();
    const OpenPlace& there = m_places->at(place);
    if (!there.data.info)
        return;
    const auto left = m_left.find(there.sources.trace);
    const auto own = left == m_left.end() ? std::nullopt : std::optional(left->second);
    m_next = now.info ? carried(m_selection->state(), own, TextMatch(now.info, there.data.info)) : own;
}

} // namespace winnow::app
