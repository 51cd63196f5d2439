// SPDX-License-Identifier: GPL-3.0-or-later
// A chip: a short text in a rounded frame. A chip of a filter has a × that removes the filter. The context bar and the text use
// it.
#pragma once

#include "views/style/theme.h"

#include <QAbstractButton>

namespace winnow::views {

class Chip : public QAbstractButton {
    Q_OBJECT
public:
    explicit Chip(QWidget* parent, bool closable = false);
    void setTheme(const Theme& theme);
    void setLabel(const QString& label, const QString& tooltip = {});
    void setClosable(bool closable);
    /// Fills the chip with the accent color, for a state that must not be overlooked.
    void setFilled(bool filled);
    bool isFilled() const { return m_filled; }
    /// A dot of this color before the label.
    void setDot(const QColor& color);
    /// A fixed chip is no button: it shows no hover and takes no focus.
    void setStatic(bool fixed);
    QSize sizeHint() const override;
    int leastWidth() const; ///< in logical pixels; below it the text is elided too far to be read
    int dotWidth() const;   ///< where only the dot is shown; 0 for a chip without one

signals:
    void closeClicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect closeRect() const;

    Theme m_theme;
    QString m_tooltip;
    QColor m_dot; ///< invalid: none
    bool m_closable, m_filled = false, m_static = false, m_overClose = false, m_pressedClose = false;
};

} // namespace winnow::views
