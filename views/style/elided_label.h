// SPDX-License-Identifier: GPL-3.0-or-later
// One line of text that gives way: it ends in "…" where it has no room, and the whole sentence is in the tool tip. GUI thread.
#pragma once

#include <QLabel>

namespace winnow::views {

/// text() stays whole; only the picture is shortened.
class ElidedLabel : public QLabel {
public:
    explicit ElidedLabel(QWidget* parent = nullptr);
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
};

} // namespace winnow::views
