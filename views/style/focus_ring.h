// SPDX-License-Identifier: GPL-3.0-or-later
// A ring around a view while the keyboard is there. GUI thread.
#pragma once

#include <QWidget>

namespace winnow::views {

/// 2 px in the accent color around a widget, drawn over it while `focused` has the focus by a key.
class FocusRing : public QWidget {
    Q_OBJECT
public:
    FocusRing(QWidget* around, QWidget* focused);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
};

} // namespace winnow::views
