// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog to choose a policy from: grouped by when a policy acts, searchable, with what it does, its paper and, where it
// cannot be replayed here, why not. Opens like a menu; all by keyboard.
#pragma once

#include "core/policy/policy_spec.h"
#include "views/style/theme.h"

#include <QFrame>

#include <functional>
#include <span>

class QLabel;
class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace winnow::views {

/// Typing searches name, title, summary and paper; arrows move; Return and a click choose; Esc closes. GUI thread.
class PolicyChooser : public QFrame {
    Q_OBJECT
public:
    /// The reason why a policy cannot be added, one sentence; "" = it can.
    using Refusal = std::function<QString(const PolicyInfo&)>;

    explicit PolicyChooser(QWidget* parent);
    void setTheme(const Theme& theme);
    /// Shows the list with its lower left corner near `below`, inside the screen, the search empty. `catalog` outlives it.
    void open(std::span<const PolicyInfo> catalog, const Refusal& refusal, const QPoint& below);
    /// Fills the list without showing it; for tests and pictures.
    void fill(std::span<const PolicyInfo> catalog, const Refusal& refusal);

    QLineEdit* search() const { return m_search; }
    /// Names that the search leaves, in order.
    QStringList shownNames() const;
    /// What is said about the current entry.
    QString details() const;

signals:
    void chosen(const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void narrow();
    void move(int by);
    void choose();
    void describe();
    void fitDetails();
    QTreeWidgetItem* current() const; ///< a policy, never a heading
    QList<QTreeWidgetItem*> shownItems() const;

    QLineEdit* m_search;
    QTreeWidget* m_list;
    QLabel* m_details;
    Theme m_theme;
};

} // namespace winnow::views
