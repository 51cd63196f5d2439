// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/key_filter.h"

#include "views/lanes/lane_grid.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QTabBar>

namespace winnow::app {

namespace {

/// The line that is typed in, if the widget is a field that has one.
QLineEdit* lineOf(const QWidget& widget)
{
    if (const auto* box = qobject_cast<const QComboBox*>(&widget))
        return box->lineEdit();
    if (qobject_cast<const QAbstractSpinBox*>(&widget))
        return widget.findChild<QLineEdit*>();
    return const_cast<QLineEdit*>(qobject_cast<const QLineEdit*>(&widget));
}

} // namespace

bool usesKey(const QWidget& widget, const QKeyEvent& key)
{
    const bool acts = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter || key.key() == Qt::Key_Space;
    const bool moves = key.key() >= Qt::Key_Home && key.key() <= Qt::Key_PageDown; // and the arrows between them
    const bool types = !key.text().isEmpty() && key.text().front().isPrint();
    const bool erases = key.key() == Qt::Key_Backspace || key.key() == Qt::Key_Delete;
    if (lineOf(widget) || qobject_cast<const QKeySequenceEdit*>(&widget))
        return types || acts || moves || erases || key.key() == Qt::Key_Escape;
    if (qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget)) // letters look for an entry
        return types || acts || moves;
    if (qobject_cast<const QAbstractButton*>(&widget))
        return acts;
    return moves && (qobject_cast<const QTabBar*>(&widget) || qobject_cast<const views::LaneGrid*>(&widget));
}

bool KeyFilter::eventFilter(QObject* watched, QEvent* event)
{
    if (!watched->isWidgetType())
        return false;
    const auto* widget = static_cast<const QWidget*>(watched);
    if (event->type() == QEvent::FocusIn)
        keepText(*widget);
    if (event->type() != QEvent::ShortcutOverride)
        return false;
    const auto* key = static_cast<const QKeyEvent*>(event);
    const bool modified = key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
    // The list of a combo box closes with this very event, and the window would have the key, too.
    const bool inPopup = widget->window()->windowType() == Qt::Popup;
    if (!inPopup && (modified || !usesKey(*widget, *key)))
        return false;
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter)
        keepText(*widget);
    event->accept();
    return !inPopup;
}

void KeyFilter::keepText(const QWidget& field)
{
    if (const QLineEdit* line = lineOf(field))
        m_text = line->text();
}

bool KeyFilter::leaveField()
{
    QWidget* field = QApplication::focusWidget();
    QLineEdit* line = field ? lineOf(*field) : nullptr;
    if (!line)
        return false;
    if (line->text() != m_text)
        line->setText(m_text);
    QWidget* pane = field->parentWidget();
    while (pane && !pane->isWindow() && pane->focusPolicy() == Qt::NoFocus)
        pane = pane->parentWidget();
    if (pane)
        pane->setFocus(Qt::OtherFocusReason);
    return pane != nullptr;
}

} // namespace winnow::app
