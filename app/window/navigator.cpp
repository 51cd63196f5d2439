// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/navigator.h"

#include "core/analysis/overlap.h"
#include "views/state/lane_choice.h"

#include <QCoreApplication>
#include <QWidget>

#include <algorithm>

namespace winnow::app {

using namespace views;

void Navigator::moveStep(int by)
{
    const qint64 step = static_cast<qint64>(m_selection->state().step) + by;
    m_selection->setStep(static_cast<int>(std::clamp<qint64>(step, 0, std::max(0, m_selection->tokenCount() - 1))));
}

void Navigator::moveToEviction(int direction)
{
    const SelectionState& state = m_selection->state();
    if (!m_data.replay || !state.token || state.focus >= static_cast<int>(m_data.replay->policies.size()))
        return;
    const LaneChoice choice = lanesOf(m_data, state, state.focus);
    const std::vector<int> steps =
        leftAt(*m_data.replay->policies[static_cast<std::size_t>(state.focus)], choice.lanes, *state.token);
    if (direction > 0) {
        if (const auto next = std::upper_bound(steps.begin(), steps.end(), state.step); next != steps.end())
            m_selection->setStep(*next);
    } else if (const auto next = std::lower_bound(steps.begin(), steps.end(), state.step); next != steps.begin()) {
        m_selection->setStep(*std::prev(next));
    }
}

void Navigator::moveToDivergence(int direction)
{
    const SelectionState& state = m_selection->state();
    const int policies = m_data.replay ? static_cast<int>(m_data.replay->policies.size()) : 0;
    if (state.focus >= policies || state.reference >= policies || state.focus == state.reference)
        return;
    const auto policyOf = [&](int policy) -> const PolicyReplay& {
        return *m_data.replay->policies[static_cast<std::size_t>(policy)];
    };
    const auto step = nextDivergence(policyOf(state.focus), policyOf(state.reference),
                                     pairsOf(m_data, state, state.focus, state.reference), state.step, direction);
    m_selection->setDifference(true);
    if (step)
        m_selection->setStep(*step);
}

void Navigator::focusPolicy(int policy)
{
    if (policy < m_selection->policyCount())
        m_selection->setFocus(policy);
}

void Navigator::makeReference(int policy)
{
    if (policy < m_selection->policyCount())
        m_selection->setReference(policy);
}

void Navigator::showAllPolicies()
{
    for (int policy = 0; policy < m_selection->policyCount(); ++policy)
        m_selection->setHidden(policy, false);
}

void Navigator::markSpan()
{
    const SelectionState& state = m_selection->state();
    std::vector<Span> spans = state.spans;
    const auto marked = std::find_if(spans.begin(), spans.end(), [&](const Span& span) {
        return state.tokenRange ? span.tokens == *state.tokenRange : state.token && span.tokens.contains(*state.token);
    });
    if (marked != spans.end())
        spans.erase(marked); // the same key takes it away again
    else if (state.tokenRange)
        spans.push_back({*state.tokenRange, QCoreApplication::translate("Navigator", "span %1").arg(spans.size() + 1)});
    m_selection->setSpans(std::move(spans));
}

QWidget* nextPane(const QList<QWidget*>& panes, const QWidget* focus, int direction)
{
    const qsizetype count = panes.size();
    if (count == 0)
        return nullptr;
    const auto holds = [focus](const QWidget* pane) { return focus && (pane == focus || pane->isAncestorOf(focus)); };
    const qsizetype at = std::find_if(panes.begin(), panes.end(), holds) - panes.begin();
    if (at == count)
        return direction > 0 ? panes.front() : panes.back();
    return panes[(at + direction + count) % count];
}

void focusPane(QWidget* pane)
{
    QWidget* target = pane;
    if (pane->focusPolicy() == Qt::NoFocus && !pane->focusProxy())
        for (QWidget* child : pane->findChildren<QWidget*>())
            if (child->isVisible() && child->focusPolicy() != Qt::NoFocus) {
                target = child;
                break;
            }
    target->window()->setAttribute(Qt::WA_KeyboardFocusChange); // as Tab does: buttons show that they have the focus
    target->setFocus(Qt::TabFocusReason);
}

} // namespace winnow::app
