// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/focus_ring.h"

#include <QFocusEvent>
#include <QPainter>

namespace winnow::views {

FocusRing::FocusRing(QWidget* around, QWidget* focused) : QWidget(around)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
    around->installEventFilter(this);
    focused->installEventFilter(this);
}

bool FocusRing::eventFilter(QObject*, QEvent* event)
{
    if (event->type() == QEvent::FocusIn) {
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        setGeometry(parentWidget()->rect());
        raise();
        setVisible(reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason);
    } else if (event->type() == QEvent::FocusOut) {
        hide();
    } else if (event->type() == QEvent::Resize) {
        setGeometry(parentWidget()->rect());
    }
    return false;
}

void FocusRing::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

} // namespace winnow::views
