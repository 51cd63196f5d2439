// SPDX-License-Identifier: GPL-3.0-or-later
// The budget of one policy: reads "128 slots", is typed over ("64", "25 %") or dragged sideways.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/style/theme.h"

#include <QLineEdit>

namespace winnow::views {

/// `budget` times the factor: at least 1 slot or 1 %, at most 100 %. Slots are rounded to whole ones.
Budget scaledBudget(const Budget& budget, double factor);
/// As a spec writes it: "128", "25%".
QString budgetText(const Budget& budget);

class BudgetField : public QLineEdit {
    Q_OBJECT
public:
    explicit BudgetField(QWidget* parent);
    void setTheme(const Theme& theme);
    void setBudget(const Budget& budget);
    void drop(); ///< ends a drag, and forgets what is typed and not entered

signals:
    /// The budget as it was typed, without its unit. `dragging`: the drag goes on, and more will come.
    void edited(const QString& value, bool dragging);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void showBudget();
    void commit();

    Theme m_theme;
    Budget m_budget;
    bool m_editing = false, m_dragging = false;
    std::optional<QPoint> m_pressed;
    Budget m_dragFrom;
};

} // namespace winnow::views
