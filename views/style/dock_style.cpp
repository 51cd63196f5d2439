// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/dock_style.h"

#include <QFontMetrics>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow::views {

QColor accentOf(const Theme& theme) { return QColor::fromRgb(theme.differenceThis); }
QColor referenceAccentOf(const Theme& theme) { return QColor::fromRgb(theme.differenceReference); }
QColor raisedOf(const Theme& theme)
{
    return theme.dark ? QColor::fromRgb(mixOkLab(theme.panel.rgb(), theme.ink.rgb(), 0.07)) : theme.page;
}

int scaled(double pixels) { return static_cast<int>(std::lround(pixels * fontScale())); }

void drawFocusRing(QPainter& painter, const QRect& rect, const Theme& theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(accentOf(theme), 1));
    painter.drawRect(rect.adjusted(0, 0, -1, -1));
    painter.drawRect(rect.adjusted(1, 1, -2, -2));
    painter.restore();
}

int drawText(QPainter& painter, const QRect& rect, const QFont& font, const QColor& color, const QString& text,
             Qt::Alignment alignment)
{
    if (text.isEmpty() || rect.width() <= 0)
        return 0;
    const QFontMetrics metrics(font);
    const QString shown = metrics.elidedText(text, Qt::ElideRight, rect.width() + 1); // advances are rounded
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(rect, static_cast<int>(alignment | Qt::AlignVCenter) | Qt::TextSingleLine | Qt::TextDontClip, shown);
    return metrics.horizontalAdvance(shown);
}

QString slimScrollBar(const Theme& theme)
{
    return QStringLiteral("QScrollBar:vertical { background: %1; width: %4px; margin: 0; border: none; }"
                          "QScrollBar::handle:vertical { background: %2; min-height: 32px; border-radius: 3px; margin: 2px; }"
                          "QScrollBar::handle:vertical:hover { background: %3; }"
                          "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
                          "QScrollBar::add-page, QScrollBar::sub-page { background: none; }")
        .arg(theme.panel.name(), theme.line.name(), theme.muted.name())
        .arg(scaled(10));
}

void drawIcon(QPainter& painter, const QRectF& rect, Icon icon, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double side = std::min(rect.width(), rect.height());
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2);
    painter.scale(side / 16, side / 16); // icons are drawn on a grid of 16
    painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    const auto polyline = [&](std::initializer_list<QPointF> points) {
        painter.drawPolyline(points.begin(), static_cast<int>(points.size()));
    };
    switch (icon) {
    case Icon::Eye:
    case Icon::EyeOff: {
        QPainterPath lid;
        lid.moveTo(1.5, 8);
        lid.quadTo(8, 0.8, 14.5, 8);
        lid.quadTo(8, 15.2, 1.5, 8);
        painter.drawPath(lid);
        painter.setBrush(color);
        painter.drawEllipse(QPointF(8, 8), 1.7, 1.7);
        if (icon == Icon::EyeOff)
            painter.drawLine(QPointF(3, 14), QPointF(13, 2));
        break;
    }
    case Icon::Find:
        painter.drawEllipse(QPointF(6.8, 6.8), 4.3, 4.3);
        painter.drawLine(QPointF(10, 10), QPointF(14, 14));
        break;
    case Icon::Up:
        polyline({{4, 10}, {8, 6}, {12, 10}});
        break;
    case Icon::Down:
        polyline({{4, 6}, {8, 10}, {12, 6}});
        break;
    case Icon::Right:
        polyline({{6, 4}, {10, 8}, {6, 12}});
        break;
    case Icon::Close:
        painter.drawLine(QPointF(4.5, 4.5), QPointF(11.5, 11.5));
        painter.drawLine(QPointF(11.5, 4.5), QPointF(4.5, 11.5));
        break;
    case Icon::More:
        painter.setBrush(color);
        painter.setPen(Qt::NoPen);
        for (const double x : {3.5, 8.0, 12.5})
            painter.drawEllipse(QPointF(x, 8), 1.3, 1.3);
        break;
    case Icon::Bars:
        for (const auto& [y, right] : {std::pair{4.0, 14.0}, std::pair{8.0, 9.0}, std::pair{12.0, 11.5}})
            painter.drawLine(QPointF(2, y), QPointF(right, y));
        break;
    case Icon::Steps: // the triangle of a history
        polyline({{2.5, 2.5}, {2.5, 13.5}, {13.5, 13.5}, {2.5, 2.5}});
        break;
    case Icon::Lanes:
        for (const auto& [y, gap] : {std::pair{4.0, 6.0}, std::pair{8.0, 10.0}, std::pair{12.0, 4.5}}) {
            painter.drawLine(QPointF(2, y), QPointF(gap - 1.5, y));
            painter.drawLine(QPointF(gap + 1.5, y), QPointF(14, y));
        }
        break;
    case Icon::Tokens:
    case Icon::Distance: // even marks, or marks that crowd at the right
        painter.drawLine(QPointF(2, 12), QPointF(14, 12));
        for (const double x :
             icon == Icon::Tokens ? std::array{2.0, 5.0, 8.0, 11.0, 14.0} : std::array{2.0, 8.0, 11.0, 12.5, 14.0})
            painter.drawLine(QPointF(x, 5), QPointF(x, 12));
        break;
    case Icon::Difference:
        painter.drawEllipse(QPointF(6, 8), 4.2, 4.2);
        painter.drawEllipse(QPointF(10, 8), 4.2, 4.2);
        break;
    }
    painter.restore();
}

IconButton::IconButton(Icon icon, const QString& name, QWidget* parent) : QAbstractButton(parent), m_icon(icon)
{
    setText(name);
    setAccessibleName(name);
    setToolTip(name);
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::TabFocus);
}

void IconButton::setIcon(Icon icon)
{
    m_icon = icon;
    update();
}

void IconButton::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

QSize IconButton::sizeHint() const { return {scaled(24), scaled(24)}; }

void IconButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (isEnabled() && (underMouse() || isDown() || isChecked())) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(isDown() || isChecked() ? m_theme.line : raisedOf(m_theme));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
    const QColor color = !isEnabled() ? m_theme.line : underMouse() || isChecked() ? m_theme.ink : m_theme.muted;
    const double side = scaled(15);
    drawIcon(painter, QRectF((width() - side) / 2.0, (height() - side) / 2.0, side, side), m_icon, color);
    if (hasFocus())
        drawFocusRing(painter, rect(), m_theme);
}

} // namespace winnow::views
