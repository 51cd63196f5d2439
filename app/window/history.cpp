// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/history.h"

#include <algorithm>

namespace winnow::app {

using views::Selection;
using views::SelectionState;

namespace {

constexpr Selection::Fields kRemembered = Selection::Lanes | Selection::Token | Selection::Spans | Selection::TokenRange |
                                          Selection::StepRange | Selection::Hidden | Selection::Difference |
                                          Selection::Reference | Selection::MapView;
constexpr int kOneGesture = 700; ///< ms within which changes of the same kind are one: a drag makes many
constexpr int kFollows = 50;     ///< ms within which changes belong to an edit of the policies

/// What `moment` says of what is remembered, everything else as it is.
SelectionState merged(SelectionState state, const SelectionState& moment)
{
    state.lanes = moment.lanes;
    state.token = moment.token;
    state.spans = moment.spans;
    state.tokenRange = moment.tokenRange;
    state.stepRange = moment.stepRange;
    state.hidden = moment.hidden;
    state.difference = moment.difference;
    state.reference = moment.reference;
    state.rows = moment.rows;
    state.axis = moment.axis;
    return state;
}

/// The policy whose budget is all that differs; −1 where there is none.
int otherBudget(const std::vector<PolicySpec>& before, const std::vector<PolicySpec>& after)
{
    const auto [old, now] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    if (before.size() != after.size() || old == before.end() || !std::equal(old + 1, before.end(), now + 1))
        return -1;
    const auto same = old->with("budget", now->value("budget"));
    return same && *same == *now ? static_cast<int>(old - before.begin()) : -1;
}

} // namespace

History::History(Selection* selection, Policies policies, views::Notes* notes, QObject* parent)
    : QObject(parent), m_selection(selection), m_policies(std::move(policies)), m_notes(notes)
{
    m_last = now();
    connect(selection, &Selection::changed, this, &History::selectionChanged);
    connect(selection, &Selection::left, this, &History::restart);
    connect(notes, &views::Notes::edited, this, &History::notesEdited);
}

History::Moment History::now() const { return {m_selection->state(), m_policies.read(), m_notes->all()}; }

void History::selectionChanged(Selection::Fields fields)
{
    if (m_applying)
        return;
    const SelectionState& state = m_selection->state();
    const bool remembered = (fields & kRemembered) && merged(state, m_last.state) != state;
    if (fields == Selection::All) { // a session, or data with other policies: no deed of the user
        m_last = now();
        return;
    }
    if (!remembered) {
        m_last.state = merged(state, m_last.state);
        return;
    }
    const bool soon = m_sinceLast.isValid() && m_sinceLast.elapsed() < (m_editedPolicies ? kFollows : kOneGesture);
    if (!(soon && (m_editedPolicies || fields == m_lastFields))) {
        push();
        m_editedPolicies = false;
    }
    m_redo.clear();
    m_last = now();
    m_lastFields = fields;
    m_sinceLast.start();
}

void History::editPolicies(const std::function<void()>& edit)
{
    m_last.policies = m_policies.read(); // opening something may have changed them
    const Moment before = m_last;
    const bool soon = m_editedPolicies && m_sinceLast.isValid() && m_sinceLast.elapsed() < kOneGesture;
    m_editedPolicies = true; // the list moves reference and eyes to the new numbers right afterwards: one deed
    edit();
    if (m_policies.read() == before.policies)
        return; // no deed
    const int budget = otherBudget(before.policies, m_policies.read());
    if (!(soon && budget >= 0 && budget == m_lastBudget)) // a drag of a budget announces many
        m_undo.push_back(before);
    m_lastBudget = budget;
    m_redo.clear();
    m_last = now();
    m_sinceLast.start();
}

void History::notesEdited()
{
    push();
    m_redo.clear();
    m_last = now();
    m_sinceLast.invalidate();
}

void History::push()
{
    m_undo.push_back(m_last);
    if (m_undo.size() > kMost)
        m_undo.erase(m_undo.begin());
}

void History::undo()
{
    if (m_undo.empty())
        return;
    m_redo.push_back(now());
    const Moment moment = std::move(m_undo.back());
    m_undo.pop_back();
    apply(moment);
}

void History::redo()
{
    if (m_redo.empty())
        return;
    m_undo.push_back(now());
    const Moment moment = std::move(m_redo.back());
    m_redo.pop_back();
    apply(moment);
}

void History::apply(const Moment& moment)
{
    m_applying = true;
    const bool otherPolicies = m_policies.read() != moment.policies;
    if (otherPolicies)
        m_policies.set(moment.policies);
    SelectionState state = merged(m_selection->state(), moment.state);
    if (otherPolicies)
        state.focus = moment.state.focus; // numbers mean the old policies again
    m_selection->setState(std::move(state));
    m_notes->set(moment.notes);
    m_applying = false;
    m_last = now();
    m_sinceLast.invalidate();
}

void History::restart()
{
    m_undo.clear();
    m_redo.clear();
    m_last = now();
}

} // namespace winnow::app
