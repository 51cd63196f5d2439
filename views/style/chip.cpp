// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/chip.h"

#include "views/style/dock_style.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <utility>

namespace winnow::views {

Chip::Chip(QWidget* parent, bool closable) : QAbstractButton(parent), m_closable(closable)
{
    setAttribute(Qt::WA_Hover);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
}

void Chip::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void Chip::setLabel(const QString& label, const QString& tooltip)
{
    m_tooltip = tooltip;
    setText(label);
    setAccessibleName(m_closable ? tr("%1, Delete removes this filter").arg(label) : label);
    updateGeometry();
    update();
}

void Chip::setClosable(bool closable) { m_closable = closable; }

void Chip::setFilled(bool filled)
{
    m_filled = filled;
    update();
}

void Chip::setDot(const QColor& color)
{
    m_dot = color;
    update();
}

void Chip::setStatic(bool fixed)
{
    m_static = fixed;
    setFocusPolicy(fixed ? Qt::NoFocus : Qt::TabFocus);
    setCursor(fixed ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

QSize Chip::sizeHint() const
{
    const QFontMetrics metrics(uiFont(12));
    return {metrics.horizontalAdvance(text()) + 2 * scaled(10) + (m_closable ? scaled(14) : 0) +
                (m_dot.isValid() ? scaled(14) : 0),
            std::max(scaled(24), metrics.height() + 4)};
}

int Chip::leastWidth() const { return std::min(sizeHint().width(), scaled(56)); }

int Chip::dotWidth() const { return m_dot.isValid() ? 2 * scaled(10) + scaled(8) : 0; }

QRect Chip::closeRect() const { return m_closable ? QRect(width() - scaled(24), 0, scaled(24), height()) : QRect(); }

void Chip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool lit = !m_static && (underMouse() || isDown());
    const QColor accent = accentOf(m_theme);
    painter.setPen(QPen(m_filled ? accent : lit ? m_theme.muted : m_theme.line, 1));
    painter.setBrush(m_filled ? accent : m_theme.dark ? raisedOf(m_theme) : m_theme.page);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const QColor ink = m_filled ? (m_theme.dark ? m_theme.page : QColor(Qt::white)) : m_static ? m_theme.muted : m_theme.ink;
    const int side = scaled(10), dot = m_dot.isValid() ? scaled(14) : 0;
    if (dot > 0) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_dot);
        painter.drawEllipse(QRectF(side, (height() - scaled(8)) / 2.0, scaled(8), scaled(8)));
    }
    if (width() > dotWidth())
        drawText(painter, rect().adjusted(side + dot, 0, m_closable ? -scaled(24) : -side, 0), uiFont(12), ink, text(),
                 m_closable ? Qt::AlignLeft : Qt::AlignHCenter);
    if (m_closable)
        drawIcon(painter, QRectF(closeRect()).adjusted(scaled(4), 0, -scaled(6), 0), Icon::Close,
                 m_overClose ? m_theme.ink : m_theme.muted);
    if (hasFocus())
        drawFocusRing(painter, rect(), m_theme);
}

void Chip::mousePressEvent(QMouseEvent* event)
{
    m_pressedClose = closeRect().contains(event->pos());
    if (!m_pressedClose)
        QAbstractButton::mousePressEvent(event);
}

void Chip::mouseReleaseEvent(QMouseEvent* event)
{
    if (std::exchange(m_pressedClose, false)) {
        if (closeRect().contains(event->pos()))
            emit closeClicked();
        return;
    }
    QAbstractButton::mouseReleaseEvent(event);
}

void Chip::mouseMoveEvent(QMouseEvent* event)
{
    if (std::exchange(m_overClose, closeRect().contains(event->pos())) != m_overClose)
        update();
    QAbstractButton::mouseMoveEvent(event);
}

void Chip::keyPressEvent(QKeyEvent* event)
{
    if (m_closable && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace))
        emit closeClicked();
    else
        QAbstractButton::keyPressEvent(event);
}

bool Chip::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const bool elided = width() < sizeHint().width();
        setToolTip(elided && !m_tooltip.isEmpty() ? text() + QLatin1Char('\n') + m_tooltip : elided ? text() : m_tooltip);
    } else if (event->type() == QEvent::HoverLeave) {
        m_overClose = false;
    }
    return QAbstractButton::event(event);
}

} // namespace winnow::views
