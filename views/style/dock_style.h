// SPDX-License-Identifier: GPL-3.0-or-later
// What the docks draw alike: accents, focus ring, section titles, small icons, elided text. GUI thread.
#pragma once

#include "views/style/theme.h"

#include <QAbstractButton>
#include <QPainter>

namespace winnow::views {

/// Blue of focus and selection, orange of the reference.
QColor accentOf(const Theme& theme);
QColor referenceAccentOf(const Theme& theme);
/// A quiet raised ground for hovered rows and chips.
QColor raisedOf(const Theme& theme);

/// `pixels` times the font scale, rounded. Use it for heights that hold text.
int scaled(double pixels);

/// A frame of 2 px along the inner edge of `rect`.
void drawFocusRing(QPainter& painter, const QRect& rect, const Theme& theme);
/// One line, elided at the end, vertically centered in `rect`. Returns the width that it took.
int drawText(QPainter& painter, const QRect& rect, const QFont& font, const QColor& color, const QString& text,
             Qt::Alignment alignment = Qt::AlignLeft);

/// A bar without arrows, 10 px wide, as a style sheet for a vertical QScrollBar.
QString slimScrollBar(const Theme& theme);

enum class Icon { Eye, EyeOff, Find, Up, Down, Right, Close, More, Bars, Steps, Lanes, Tokens, Distance, Difference };

/// Draws in the middle of `rect`, in a square as wide as its smaller side.
void drawIcon(QPainter& painter, const QRectF& rect, Icon icon, const QColor& color);

/// A flat button of one icon, 24 × 24 at font scale 1. Its text is its accessible name and its tooltip.
class IconButton : public QAbstractButton {
public:
    IconButton(Icon icon, const QString& name, QWidget* parent);
    void setIcon(Icon icon);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Icon m_icon;
    Theme m_theme;
};

} // namespace winnow::views
