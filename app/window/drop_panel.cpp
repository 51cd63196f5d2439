// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/drop_panel.h"

#include "views/style/dock_style.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

DropPanel::DropPanel(QWidget* window) : QWidget(window)
{
    setObjectName(QStringLiteral("drop-panel"));
    setAutoFillBackground(true);
    auto* box = new QVBoxLayout(this);
    box->setContentsMargins(1, 1, 1, 1);
    box->setSpacing(0);
    hide();
}

void DropPanel::drop(QWidget* content, QWidget* button)
{
    close();
    m_content = content;
    m_button = button;
    m_before = window()->focusWidget();
    layout()->addWidget(content);
    content->show();
    place();
    show();
    raise();
    content->setFocus(Qt::PopupFocusReason);
    qApp->installEventFilter(this);
}

void DropPanel::place()
{
    const QWidget* window = parentWidget();
    const QPoint corner = m_button->mapTo(window, QPoint(0, m_button->height() + 2));
    const int width = std::min(std::max(views::scaled(236), m_content->minimumWidth()) + 2, window->width());
    const int height = std::min(m_content->sizeHint().height() + 2, window->height() - corner.y() - 8);
    setGeometry(std::clamp(corner.x(), 0, std::max(0, window->width() - width)), corner.y(), width, height);
}

void DropPanel::close()
{
    if (!m_content)
        return;
    qApp->removeEventFilter(this);
    if (m_before && isAncestorOf(window()->focusWidget()))
        m_before->setFocus(Qt::PopupFocusReason); // else whatever is next in the window has the keys
    hide();
    QWidget* content = m_content;
    m_content = nullptr;
    layout()->removeWidget(content);
    emit released(content);
}

bool DropPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && m_content && m_button)
        place();
    if (event->type() != QEvent::MouseButtonPress || !watched->isWidgetType())
        return false;
    const auto* pressed = static_cast<const QWidget*>(watched);
    const bool elsewhere = pressed->window() == window() && pressed != this && !isAncestorOf(pressed) && pressed != m_button;
    if (elsewhere)
        close();
    return false;
}

void DropPanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

} // namespace winnow::app
