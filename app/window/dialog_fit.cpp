// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/dialog_fit.h"

#include "app/window/arrangement.h"

#include <QDialog>
#include <QEvent>
#include <QScreen>
#include <QScrollBar>

namespace winnow::app {

bool DialogFit::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::Show && event->type() != QEvent::Resize)
        return false;
    auto* dialog = qobject_cast<QDialog*>(watched);
    if (!dialog || !dialog->isWindow() || !dialog->screen() || !dialog->isVisible()) // it is placed when it is shown
        return false;
    constexpr QMargins kFrame(4, 32, 4, 4);
    const QWidget* parent = dialog->parentWidget() ? dialog->parentWidget()->window() : nullptr;
    const QRect room = (parent ? parent->screen() : dialog->screen())->availableGeometry();
    QRect wanted = dialog->geometry();
    // Nobody has placed it yet: the dialog would do it later, and not where it was moved before.
    const bool isNew = event->type() == QEvent::Show && !dialog->testAttribute(Qt::WA_Moved);
    if (isNew)
        wanted.moveCenter((parent ? parent->frameGeometry() : room).center());
    const QRect inside = fitted(wanted, room, kFrame);
    if (inside.size() != wanted.size()) {
        dialog->setMinimumSize(dialog->minimumSize().boundedTo(inside.size()));
        dialog->setGeometry(inside);
    } else if (isNew || (inside != wanted && !event->spontaneous())) { // not while the user pulls at an edge
        dialog->setGeometry(inside); // move() would place the frame there, and push the lower end out by its height
    }
    return false;
}

ScrollBody::ScrollBody(QWidget* content, QWidget* parent) : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    setWidget(content);
}

QSize ScrollBody::sizeHint() const
{
    const QSize content = widget()->sizeHint();
    return {content.width() + verticalScrollBar()->sizeHint().width(), content.height()};
}

/// The dialog is laid out anew when the content wants another size.
bool ScrollBody::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == widget() && event->type() == QEvent::LayoutRequest) {
        updateGeometry();
        const int height = widget()->sizeHint().height(), missing = height - viewport()->height();
        if (window()->isVisible() && height > m_height && missing > 0)
            window()->setGeometry(
                window()->geometry().adjusted(0, -(missing / 2), 0, missing - missing / 2)); // over the same middle
        m_height = height;
    }
    return QScrollArea::eventFilter(watched, event);
}

} // namespace winnow::app
