// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/key_filter.h"

#include "views/lanes/lane_grid.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QTabBar>

namespace winnow::app {

bool usesKey(const QWidget& widget, const QKeyEvent& key)
{
    const bool acts = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter || key.key() == Qt::Key_Space;
    const bool moves = key.key() >= Qt::Key_Home && key.key() <= Qt::Key_PageDown; // and the arrows between them
    const bool types = !key.text().isEmpty() && key.text().front().isPrint();
    const bool erases = key.key() == Qt::Key_Backspace || key.key() == Qt::Key_Delete;
    if (qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) ||
        qobject_cast<const QKeySequenceEdit*>(&widget))
        return types || acts || moves || erases;
    if (qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget)) // letters look for an entry
        return types || acts || moves;
    if (qobject_cast<const QAbstractButton*>(&widget))
        return acts;
    return moves && (qobject_cast<const QTabBar*>(&widget) || qobject_cast<const views::LaneGrid*>(&widget));
}

bool KeyFilter::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::ShortcutOverride || !watched->isWidgetType())
        return false;
    const auto* key = static_cast<const QKeyEvent*>(event);
    const bool modified = key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
    const auto* widget = static_cast<const QWidget*>(watched);
    if (modified || !usesKey(*widget, *key))
        return false;
    event->accept();
    return widget->window()->windowType() != Qt::Popup; // the list of a combo box takes Enter from this very event
}

} // namespace winnow::app
