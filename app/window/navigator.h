// SPDX-License-Identifier: GPL-3.0-or-later
// Moves the Selection through steps, evictions and policies, and the keyboard focus through panes. Knows no window. GUI thread.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QList>

class QWidget;

namespace winnow::app {

class Navigator {
public:
    /// `selection` outlives this object.
    explicit Navigator(views::Selection* selection) : m_selection(selection) {}

    /// The replay that moveToEviction looks into.
    void setData(const views::ViewData& data) { m_data = data; }

    /// Stops at the first and the last step.
    void moveStep(int by);
    /// Goes to the next (`direction` > 0) or the previous step at which the selected token leaves a chosen lane under the focused
    /// policy. Stays where there is none, and without a token. Cost: the evictions of one token in the chosen lanes.
    void moveToEviction(int direction);
    /// Goes to the next (`direction` > 0) or the previous step at which focus and reference part in the chosen lanes (see
    /// nextDivergence), and turns Difference on, which outlines the tokens concerned. Stays where there is none. Cost: the
    /// lifetimes of both policies in the chosen lanes.
    void moveToDivergence(int direction);
    /// Numbers of policies that are not there change nothing.
    void focusPolicy(int policy);
    void makeReference(int policy);
    void showAllPolicies();
    /// Marks the brushed tokens as a span. Where they are marked, or where nothing is brushed and the selected token lies in a
    /// span, that span goes instead.
    void markSpan();

private:
    views::Selection* m_selection;
    views::ViewData m_data;
};

/// The pane after (`direction` = 1) or before (−1) the one that holds `focus`, around the end; the first (or last) one if none
/// does. Null without panes.
QWidget* nextPane(const QList<QWidget*>& panes, const QWidget* focus, int direction);
/// Gives the focus to the pane, or to its first visible child that takes it.
void focusPane(QWidget* pane);

} // namespace winnow::app
