// SPDX-License-Identifier: GPL-3.0-or-later
// Undo and redo of filters, marks, notes, chosen lanes, hidden policies, Difference, rows and axis, and of edits of policies.
// Where one is looking (step, token under the pointer, zoom, focus) is no part of it. GUI thread.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/notes/notes.h"
#include "views/state/selection.h"

#include <QElapsedTimer>
#include <QObject>

#include <functional>
#include <vector>

namespace winnow::app {

class History : public QObject {
    Q_OBJECT
public:
    /// What of the workspace takes part: its policies, read and set. All outlive this object.
    struct Policies {
        std::function<std::vector<PolicySpec>()> read;
        std::function<void(const std::vector<PolicySpec>&)> set;
    };
    History(views::Selection* selection, Policies policies, views::Notes* notes, QObject* parent);

    bool canUndo() const { return !m_undo.empty(); }
    bool canRedo() const { return !m_redo.empty(); }
    void undo();
    void redo();
    /// Runs an edit of the policies, so that what they were before can come back.
    void editPolicies(const std::function<void()>& edit);
    /// Forgets everything; what is now is the beginning: other data was opened.
    void restart();

    static constexpr std::size_t kMost = 200; ///< steps that are kept

private:
    struct Moment {
        views::SelectionState state;
        std::vector<PolicySpec> policies;
        std::vector<views::Note> notes;
    };
    Moment now() const;
    void selectionChanged(views::Selection::Fields fields);
    void notesEdited();
    void push();
    void apply(const Moment& moment);

    views::Selection* m_selection;
    Policies m_policies;
    views::Notes* m_notes;
    Moment m_last; ///< as it was after the last change
    std::vector<Moment> m_undo, m_redo;
    views::Selection::Fields m_lastFields{};
    QElapsedTimer m_sinceLast;
    int m_lastBudget = -1; ///< the policy whose budget the last edit changed
    bool m_applying = false, m_editedPolicies = false;
};

} // namespace winnow::app
