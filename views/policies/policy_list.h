// SPDX-License-Identifier: GPL-3.0-or-later
// The policies: one row each with number, line swatch, name, mean mass, budget, mass now and share kept in the brushed range.
// Click = focus, Alt+click = reference; eye, drag to order, menu; expanded, a row edits every parameter of the catalog. Runs
// (closed loop) have rows of their own behind them, which are not edited.
#pragma once

#include "core/analysis/lane_means.h"
#include "views/policies/policy_edits.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QFrame;
class QPushButton;
class QScrollArea;
class QTimer;
class QVBoxLayout;

namespace winnow::views {

class PolicyChooser;
class PolicyRow;
struct PolicyRowState;

/// Shows the policies of ViewData::replay until something is edited; from then on its own specs, with the numbers of the older
/// replay in muted ink until that of the new spec is there. GUI thread.
class PolicyList : public QWidget {
    Q_OBJECT
public:
    explicit PolicyList(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// Sets the policies to show before there is a replay, or after undo. Emits nothing.
    void setSpecs(std::vector<PolicySpec> specs);
    const std::vector<PolicySpec>& specs() const { return m_edits.specs(); }
    /// The prompt that the next replay will have: prompt-time policies need one. Negative = that of the replay.
    void setPrompt(int prompt) { m_edits.setPrompt(prompt); }

    /// A few words in place of "mass now" ("updating"); empty = none. `fraction` in 0…1 draws 2 px progress, negative = none.
    void setRowState(int policy, const QString& state, double fraction = -1);
    /// The engine's sentence under the row; empty = none.
    void setRowError(int policy, const QString& sentence);

    /// For the keys `[` and `]`: the budget of the focused policy.
    void halveBudget() { scaleBudget(m_selection->state().focus, 0.5); }
    void doubleBudget() { scaleBudget(m_selection->state().focus, 2); }
    /// Scales one budget, at least 1 slot or 1 %.
    void scaleBudget(int policy, double factor);
    void duplicatePolicy(int policy);
    void removePolicy(int policy);
    /// To the place `to` of the list without it.
    void movePolicy(int from, int to);
    /// At the end of the list; one that needs a file asks for it first.
    void addPolicy(const QString& name);
    /// Opens the catalog to choose from.
    void openAddMenu();
    PolicyChooser* chooser() const { return m_chooser; }
    QSize sizeHint() const override;

signals:
    /// Edited, added, removed or reordered. The receiver answers at once with a ViewData in the new order that reuses the
    /// finished replays (and Selection::setExtent); afterwards the list moves focus, reference and eyes to the new numbers.
    void specsEdited(const std::vector<winnow::PolicySpec>& specs);
    void runWanted(int policy);        ///< the policy for real
    void tuneWanted(int policy);       ///< the parameters of a replayed policy
    void runRemovalWanted(int policy); ///< its number among all policies

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void selectionChanged(Selection::Fields fields);
    void updateRows(Selection::Fields fields);
    int runCount() const; ///< of the data
    PolicyRowState rowState(int policy, Selection::Fields fields);
    void askForMeans(); ///< that are missing; in the background
    void takeMeans(std::vector<LaneMeans> means);
    PolicyRow* makeRow();
    void bringIntoSight(QWidget* row);
    void append(const Result<PolicySpec>& spec);
    void openRowMenu(int policy, const QPoint& global);
    void rowDragged(PolicyRow* row, int globalY, bool dropped);
    void refuse(int policy, const Error& error);
    void dropEdits();
    int indexOf(const PolicyRow* row) const;
    /// Checks, stores and announces a changed value; a wrong one is said in the row and changes nothing.
    void edit(int policy, const QString& key, const QString& value, bool dragging);
    void store(int policy, PolicySpec spec, bool dragging);
    void apply(const PolicyEdits::Change& change);

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    PolicyEdits m_edits;
    std::vector<PolicyRow*> m_rows;
    struct MeanWish {
        std::shared_ptr<const PolicyReplay> replay; ///< null: what the row has suffices
        StepSpan steps;
    };
    std::vector<std::optional<LaneMeans>> m_means; ///< of the rows
    std::vector<MeanWish> m_wishes;                ///< of the rows
    LatestJob<std::vector<LaneMeans>> m_meanJob;
    QScrollArea* m_scroll;
    QWidget* m_content;
    QVBoxLayout* m_layout;
    QPushButton* m_add;
    PolicyChooser* m_chooser;
    QFrame* m_dropLine;
    QTimer* m_announce; ///< gathers the edits of a dragged budget
};

} // namespace winnow::views
