// SPDX-License-Identifier: GPL-3.0-or-later
// What a policy row does with mouse and keys.
#include "views/policies/policy_list_row.h"

#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_parameters.h"
#include "views/style/dock_style.h"
#include "views/style/plain_key.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <utility>

namespace winnow::views {

namespace {

constexpr int kDragStarts = 4;

bool isRowKey(const QKeyEvent& key)
{
    const auto modifiers = key.modifiers() & ~Qt::KeypadModifier;
    switch (key.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Space:
        return !modifiers || modifiers == Qt::AltModifier;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_F2:
    case Qt::Key_Delete:
        return !modifiers;
    default:
        return false;
    }
}

} // namespace

void PolicyRow::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || event->pos().y() >= headHeight())
        return;
    m_pressed = event->pos();
    m_dragging = false;
}

void PolicyRow::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_pressed) {
        setCursor(overExpander(event->pos()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
        return;
    }
    m_dragging = m_dragging || (event->pos() - *m_pressed).manhattanLength() >= 2 * kDragStarts;
    if (m_dragging)
        emit dragged(event->globalPosition().toPoint().y(), false);
}

void PolicyRow::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_pressed)
        return;
    const QPoint pressed = *m_pressed;
    m_pressed.reset();
    if (std::exchange(m_dragging, false))
        emit dragged(event->globalPosition().toPoint().y(), true);
    else if (event->modifiers() & Qt::AltModifier)
        emit referenceWanted();
    else if (overExpander(pressed))
        openPanel(!isExpanded());
    else
        emit focusWanted();
}

void PolicyRow::openPanel(bool on)
{
    setExpanded(on);
    if (on)
        emit grown();
}

void PolicyRow::dropGestures()
{
    m_pressed.reset();
    m_dragging = false;
    m_budget->drop();
    if (m_panel)
        m_panel->setSpec(m_state.spec);
}

void PolicyRow::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->pos().y() < headHeight() && !overExpander(event->pos()))
        openPanel(!isExpanded());
}

void PolicyRow::contextMenuEvent(QContextMenuEvent* event) { emit menuWanted(event->globalPos()); }

bool PolicyRow::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && isRowKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        update();
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int mass = width() - eyeWidth() - numberWidth();
        const bool second = help->pos().y() > headHeight() / 2, ranged = m_state.ranged && help->pos().x() < mass;
        if (help->pos().y() < headHeight() && help->pos().x() >= mass - (second && m_state.ranged ? numberWidth() : 0))
            QToolTip::showText(help->globalPos(),
                               second && ranged ? m_state.rangeHelp
                               : second         ? tr("Mass at the step, mean of the chosen lanes")
                                                : m_state.meanHelp,
                               this);
        else if (help->pos().y() < headHeight())
            QToolTip::showText(help->globalPos(),
                               (m_state.run.isEmpty()
                                    ? tr("%1\nClick: focus. Alt+click: reference. Drag: order.")
                                    : tr("Closed loop: the model itself ran under %1\nClick: focus. Alt+click: reference."))
                                       .arg(QString::fromStdString(m_state.spec.canonical())) +
                                   (m_state.device.isEmpty() ? QString() : QLatin1Char('\n') + m_state.device),
                               this);
        return true;
    }
    return QWidget::event(event);
}

void PolicyRow::keyPressEvent(QKeyEvent* event)
{
    const bool alt = event->modifiers() & Qt::AltModifier;
    switch (event->key()) {
    case Qt::Key_Up:
        alt ? emit moveWanted(-1) : emit stepWanted(-1);
        break;
    case Qt::Key_Down:
        alt ? emit moveWanted(1) : emit stepWanted(1);
        break;
    case Qt::Key_Right:
        openPanel(true);
        break;
    case Qt::Key_Left:
        openPanel(false);
        break;
    case Qt::Key_Space:
        alt ? emit referenceWanted() : emit focusWanted();
        break;
    case Qt::Key_Delete:
        emit removeWanted();
        break;
    case Qt::Key_F2:
        if (!m_budget->isHidden())
            m_budget->setFocus(Qt::OtherFocusReason);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace winnow::views
