// The policies: one row each with number, line swatch, name, mean mass, budget, mass now and share kept in the brushed range.
// Click = focus, Alt+click = reference; eye, drag to order, menu; expanded, a row edits every parameter of the catalog.
#pragma once

#include "views/selection.h"
#include "views/theme.h"
#include "views/view_data.h"

#include <QWidget>

#include <vector>

class QMenu;
class QPushButton;
class QScrollArea;
class QTimer;
class QVBoxLayout;

namespace winnow::views {

class PolicyRow;

/// Shows the policies of ViewData::replay until something is edited; from then on its own specs, and numbers only for rows
/// whose replay has arrived. GUI thread.
class PolicyList : public QWidget {
    Q_OBJECT
public:
    explicit PolicyList(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// What is to be shown before a replay is there, or after undo. Does not emit.
    void setSpecs(std::vector<PolicySpec> specs);
    const std::vector<PolicySpec>& specs() const { return m_specs; }
    /// The prompt that the next replay will have: prompt-time policies need one. Else that of the replay.
    void setPrompt(int prompt);

    /// A few words in place of "mass now" ("updating"); empty = none. `fraction` in 0…1 draws 2 px progress, negative = none.
    void setRowState(int policy, const QString& state, double fraction = -1);
    /// The engine's sentence under the row; empty = none.
    void setRowError(int policy, const QString& sentence);

    /// For the keys `[` and `]`: the budget of the focused policy.
    void halveBudget();
    void doubleBudget();
    /// Scales one budget, at least 1 slot or 1 %.
    void scaleBudget(int policy, double factor);
    void duplicatePolicy(int policy);
    void removePolicy(int policy);
    void movePolicy(int from, int to);
    void addPolicy(const QString& name);
    void openAddMenu();
    QSize sizeHint() const override { return {236, 304}; }

signals:
    /// Edited, added, removed or reordered. The receiver answers at once with a ViewData in the new order that reuses the
    /// finished replays (and Selection::setExtent); afterwards the list moves focus, reference and eyes to the new numbers.
    void specsEdited(const std::vector<winnow::PolicySpec>& specs);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    friend class PolicyRow;
    void selectionChanged(Selection::Fields fields);
    void rebuildRows();
    void updateNumbers();
    void updateNow();
    void fillAddMenu();
    /// Checks, stores and announces a changed spec; a wrong one is said in the row and changes nothing.
    void edit(int policy, const QString& key, const QString& value);
    void apply(std::vector<PolicySpec> specs, const std::vector<int>& origin);
    const PolicyReplay* replayOf(int policy) const; ///< null unless it is of the row's present spec
    int tokens() const;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    std::vector<PolicySpec> m_specs;
    bool m_pending = false; ///< specs differ from the data's
    int m_prompt = -1;      ///< −1 = that of the replay
    std::vector<PolicyRow*> m_rows;
    QScrollArea* m_scroll;
    QWidget* m_content;
    QVBoxLayout* m_layout;
    QPushButton* m_add;
    QMenu* m_addMenu;
    QTimer* m_announce; ///< gathers edits of a dragged budget
};

} // namespace winnow::views
