// SPDX-License-Identifier: GPL-3.0-or-later
// Keys belong to the focus first: what a focused field, button or list does with a key is not taken by the window's shortcuts.
#pragma once

#include <QObject>
#include <QString>

class QKeyEvent;
class QWidget;

namespace winnow::app {

/// Whether the focused widget does something with the key itself, or takes it for a letter that is typed.
bool usesKey(const QWidget& widget, const QKeyEvent& key);

/// Installed on the application. GUI thread.
class KeyFilter : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override;
    /// Esc in a field: what stood in it before comes back, and its pane has the keys again. False where the focus is in none.
    bool leaveField();

private:
    void keepText(const QWidget& field);

    QString m_text; ///< of the field that has the focus: as it came, or as Enter has left it
};

} // namespace winnow::app
