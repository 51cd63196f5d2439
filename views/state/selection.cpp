// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/state/selection.h"

#include <algorithm>

namespace winnow::views {

namespace {

std::optional<Range> clamped(std::optional<Range> range, int tokens)
{
    if (!range)
        return range;
    const Range kept{std::clamp(range->begin, 0, tokens), std::clamp(range->end, 0, tokens)};
    return kept.size() > 0 ? std::optional(kept) : std::nullopt;
}

/// Whether [begin, end) is something that can be shown of `tokens`; false for a NaN too.
bool isInside(double begin, double end, int tokens) { return begin >= 0 && begin < end && end <= tokens; }

} // namespace

Selection::Selection(QObject* parent) : QObject(parent) {}

void Selection::setExtent(int tokens, int policies)
{
    m_tokenCount = tokens;
    m_policyCount = policies;
    setState(m_state);
}

void Selection::setState(SelectionState state)
{
    const int lastPolicy = std::max(0, m_policyCount - 1);
    state.focus = std::clamp(state.focus, 0, lastPolicy);
    state.reference = std::clamp(state.reference, 0, lastPolicy);
    state.step = std::clamp(state.step, 0, std::max(0, m_tokenCount - 1));
    if (state.token && (*state.token < 0 || *state.token >= m_tokenCount))
        state.token.reset();
    state.tokenRange = clamped(state.tokenRange, m_tokenCount);
    state.stepRange = clamped(state.stepRange, m_tokenCount);
    std::erase_if(state.spans, [&](const Span& span) {
        return span.tokens.begin < 0 || span.tokens.size() <= 0 || span.tokens.end > m_tokenCount;
    });
    if (!isInside(state.zoom.tokenBegin, state.zoom.tokenEnd, m_tokenCount) ||
        !isInside(state.zoom.stepBegin, state.zoom.stepEnd, m_tokenCount))
        state.zoom = {};
    if (state == m_state)
        return;
    m_state = std::move(state);
    pushFilter(Spans, !m_state.spans.empty());
    pushFilter(Lanes, !m_state.lanes.empty());
    pushFilter(Token, m_state.token.has_value());
    pushFilter(TokenRange, m_state.tokenRange.has_value());
    pushFilter(StepRange, m_state.stepRange.has_value());
    pushFilter(Difference, m_state.difference);
    emitChanged(All);
}

void Selection::setLanes(std::vector<Lane> lanes)
{
    std::sort(lanes.begin(), lanes.end());
    lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
    if (lanes == m_state.lanes)
        return;
    m_state.lanes = std::move(lanes);
    pushFilter(Lanes, !m_state.lanes.empty());
    emitChanged(Lanes);
}

void Selection::setFocus(int policy)
{
    policy = std::clamp(policy, 0, std::max(0, m_policyCount - 1));
    if (policy == m_state.focus)
        return;
    m_state.focus = policy;
    emitChanged(Focus);
}

void Selection::setReference(int policy)
{
    policy = std::clamp(policy, 0, std::max(0, m_policyCount - 1));
    if (policy == m_state.reference)
        return;
    m_state.reference = policy;
    emitChanged(Reference);
}

void Selection::setStep(int step)
{
    step = std::clamp(step, 0, std::max(0, m_tokenCount - 1));
    if (step == m_state.step)
        return;
    m_state.step = step;
    emitChanged(StepField);
}

void Selection::setToken(std::optional<int> token)
{
    if (token && (*token < 0 || *token >= m_tokenCount))
        token.reset();
    if (token == m_state.token)
        return;
    m_state.token = token;
    pushFilter(Token, token.has_value());
    emitChanged(Token);
}

void Selection::setSpans(std::vector<Span> spans)
{
    if (spans == m_state.spans)
        return;
    m_state.spans = std::move(spans);
    pushFilter(Spans, !m_state.spans.empty());
    emitChanged(Spans);
}

void Selection::setTokenRange(std::optional<Range> range)
{
    range = clamped(range, m_tokenCount);
    if (range == m_state.tokenRange)
        return;
    m_state.tokenRange = range;
    pushFilter(TokenRange, range.has_value());
    emitChanged(TokenRange);
}

void Selection::setStepRange(std::optional<Range> range)
{
    range = clamped(range, m_tokenCount);
    if (range == m_state.stepRange)
        return;
    m_state.stepRange = range;
    pushFilter(StepRange, range.has_value());
    emitChanged(StepRange);
}

void Selection::setHidden(int policy, bool hidden)
{
    if (policy < 0 || isVisible(policy) == !hidden)
        return;
    if (m_state.hidden.size() <= static_cast<std::size_t>(policy))
        m_state.hidden.resize(static_cast<std::size_t>(policy) + 1, false);
    m_state.hidden[static_cast<std::size_t>(policy)] = hidden;
    emitChanged(Hidden);
}

void Selection::setZoom(const Zoom& zoom)
{
    if (zoom == m_state.zoom)
        return;
    m_state.zoom = zoom;
    emitChanged(ZoomField);
}

void Selection::setDifference(bool on)
{
    if (on == m_state.difference)
        return;
    m_state.difference = on;
    pushFilter(Difference, on);
    emitChanged(Difference);
}

void Selection::setRows(MapRows rows)
{
    if (rows == m_state.rows)
        return;
    m_state.rows = rows;
    emitChanged(MapView);
}

void Selection::setAxis(MapAxis axis)
{
    if (axis == m_state.axis)
        return;
    m_state.axis = axis;
    emitChanged(MapView);
}

bool Selection::isVisible(int policy) const
{
    const auto at = static_cast<std::size_t>(policy);
    return policy >= 0 && (at >= m_state.hidden.size() || !m_state.hidden[at]);
}

bool Selection::dropNewestFilter()
{
    if (m_filterOrder.empty())
        return false;
    switch (m_filterOrder.back()) {
    case Spans: { // one after the other, the newest first
        std::vector<Span> spans = m_state.spans;
        spans.pop_back();
        setSpans(std::move(spans));
        break;
    }
    case Lanes:
        setLanes({});
        break;
    case Token:
        setToken({});
        break;
    case TokenRange:
        setTokenRange({});
        break;
    case Difference:
        setDifference(false);
        break;
    default:
        setStepRange({});
        break;
    }
    return true;
}

void Selection::setCarriers(std::vector<int> tokens)
{
    if (tokens == m_carriers)
        return;
    m_carriers = std::move(tokens);
    emitChanged(Carriers);
}

void Selection::leave()
{
    setHover({}, {});
    setCarriers({});
    emit left();
}

void Selection::setHover(std::optional<int> token, std::optional<int> step, const QPoint& globalPosition)
{
    m_hoverPosition = globalPosition;
    if (token == m_hoverToken && step == m_hoverStep)
        return;
    m_hoverToken = token;
    m_hoverStep = step;
    emit hoverChanged();
}

void Selection::emitChanged(Fields fields) { emit changed(fields); }

void Selection::pushFilter(Field field, bool on)
{
    std::erase(m_filterOrder, field);
    if (on)
        m_filterOrder.push_back(field);
}

} // namespace winnow::views
