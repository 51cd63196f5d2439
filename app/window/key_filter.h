// SPDX-License-Identifier: GPL-3.0-or-later
// Keys belong to the focus first: what a focused field, button or list does with a key is not taken by the window's shortcuts.
#pragma once

#include <QObject>

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
};

} // namespace winnow::app
