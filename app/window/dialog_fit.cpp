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
    if (!dialog || !dialog->isWindow() || !dialog->screen())
        return false;
    constexpr QMargins kFrame(4, 32, 4, 4);
    const QRect room = dialog->screen()->availableGeometry(), wanted = dialog->geometry();
    const QRect inside = fitted(wanted, room, kFrame);
    if (inside.size() != wanted.size()) {
        dialog->setMinimumSize(dialog->minimumSize().boundedTo(inside.size()));
        dialog->setGeometry(inside);
    } else if (inside != wanted && event->type() == QEvent::Show) {
        dialog->move(inside.topLeft());
    }
    return false;
}

ScrollBody::ScrollBody(QWidget* content, QWidget* parent) : QScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
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
            window()->resize(window()->width(), window()->height() + missing); // DialogFit keeps it on the screen
        m_height = height;
    }
    return QScrollArea::eventFilter(watched, event);
}

} // namespace winnow::app
