// SPDX-License-Identifier: GPL-3.0-or-later
// A chip: a short text in a rounded frame, with × where it is a filter. Used by the context bar and as the text's pill.
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
    /// Filled with the accent: a state that one must not overlook.
    void setFilled(bool filled);
    /// Not a button: no hover, no focus.
    void setStatic(bool fixed);
    QSize sizeHint() const override;
    int leastWidth() const; ///< what it may be elided to

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
    bool m_closable, m_filled = false, m_static = false, m_overClose = false, m_pressedClose = false;
};

} // namespace winnow::views
