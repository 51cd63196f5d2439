// SPDX-License-Identifier: GPL-3.0-or-later
// Every action with its keys, to search and to rebind. What is rebound is remembered in the settings, as "keys/" + the action's
// id.
#pragma once

#include <QDialog>
#include <QKeySequence>
#include <QList>

class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;

namespace winnow::app {

class KeysDialog : public QDialog {
    Q_OBJECT
public:
    explicit KeysDialog(QWidget* parent);

    /// Gives the action these keys, remembers them, and announces them; keys of another action are refused with a sentence.
    bool rebind(const QString& id, const QList<QKeySequence>& keys);
    QString problem() const; ///< why the last one was refused; "" = it was not

signals:
    void rebound(const QString& id, const QList<QKeySequence>& keys);

private:
    void fill();
    void narrow();
    QString currentId() const;

    QLineEdit* m_search;
    QTableWidget* m_table;
    QKeySequenceEdit* m_keys;
    QPushButton* m_reset;
    QLabel* m_problem;
};

} // namespace winnow::app
