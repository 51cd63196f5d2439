// SPDX-License-Identifier: GPL-3.0-or-later
// One row of the policy list: what it shows, and the gestures on it. It changes nothing by itself: the list does.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/style/theme.h"

#include <QWidget>

#include <optional>

class QLabel;
class QVBoxLayout;

namespace winnow::views {

class BudgetField;
class IconButton;
class ParameterPanel;

struct PolicyRowState {
    int number = 0; ///< from 0; shown from 1
    PolicySpec spec;
    PolicyInk ink;
    std::optional<double> mean, now, inRange; ///< mass, mass at the step, share kept in the brushed range
    bool stale = false;                       ///< the numbers are of an older spec
    bool ranged = false;                      ///< a token range is brushed
    bool focus = false, reference = false, hidden = false;
    QString state;        ///< shown in place of `now`: "updating"
    double fraction = -1; ///< progress, negative = none
    QString error;
    QString run; ///< of a run, which cannot be edited: its slots and its loss; "" = a replay
    QString meanHelp, rangeHelp;
    QString device; ///< where the replay ran, as a sentence; "" where no GPU was used
};

class PolicyRow : public QWidget {
    Q_OBJECT
public:
    explicit PolicyRow(QWidget* parent);
    void setTheme(const Theme& theme);
    void setState(const PolicyRowState& state);
    const PolicyRowState& state() const { return m_state; }
    bool isExpanded() const { return m_panel != nullptr; }
    void setExpanded(bool on);
    /// Ends a drag of the row or of its budget, and forgets what is typed and not entered.
    void dropGestures();
    BudgetField* budgetField() const { return m_budget; }
    /// Widths of the number columns at the right, alike in the list's header.
    static int numberWidth();
    static int eyeWidth();

signals:
    void focusWanted();
    void referenceWanted();
    void hiddenWanted(bool hidden);
    void edited(const QString& key, const QString& value, bool dragging);
    void defaultsWanted();
    void menuWanted(const QPoint& global);
    void removeWanted();
    void moveWanted(int by); ///< Alt+Up, Alt+Down
    void stepWanted(int by); ///< Up, Down: the row before or after
    void dragged(int globalY, bool dropped);
    void grown(); ///< its parameters or what is wrong stand below it now

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    void openPanel(bool on); ///< by hand
    bool overExpander(const QPoint& position) const;
    int headHeight() const;

    Theme m_theme;
    PolicyRowState m_state;
    BudgetField* m_budget;
    IconButton* m_eye;
    QLabel* m_error;
    ParameterPanel* m_panel = nullptr;
    QVBoxLayout* m_layout;
    std::optional<QPoint> m_pressed;
    bool m_dragging = false;
};

} // namespace winnow::views
