// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/flat_style.h"

#include "views/style/dock_style.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace winnow::app {

namespace {

/// The panel's color with one line along the left or upper edge.
void drawSeam(const QStyleOption* option, QPainter* painter)
{
    const QRect rect = option->rect;
    painter->fillRect(rect, option->palette.window());
    const bool upright = rect.height() > rect.width();
    painter->fillRect(upright ? QRect(rect.left(), rect.top(), 1, rect.height())
                              : QRect(rect.left(), rect.top(), rect.width(), 1),
                      option->palette.mid());
}

/// One line around a menu: Fusion's own is darker than a dark page and cannot be seen on it.
void drawFrame(const QStyleOption* option, QPainter* painter)
{
    painter->save();
    painter->setPen(QPen(option->palette.mid().color(), 1));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5));
    painter->restore();
}

/// A tool button that only opens a menu.
const QStyleOptionToolButton* menuButton(const QStyleOption* option)
{
    const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option);
    const bool opens = button && (button->features & QStyleOptionToolButton::HasMenu) &&
                       !(button->features & QStyleOptionToolButton::MenuButtonPopup);
    return opens ? button : nullptr;
}

int arrowRoom() { return views::scaled(14); }

void drawCheckBox(const QStyleOption* option, QPainter* painter)
{
    const bool on = option->state & QStyle::State_On, partly = option->state & QStyle::State_NoChange;
    const bool enabled = option->state & QStyle::State_Enabled;
    const QPalette& palette = option->palette;
    const QRectF box = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QColor accent = palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::Highlight);
    const bool lit = option->state & (QStyle::State_MouseOver | QStyle::State_HasFocus);
    painter->setPen(
        QPen(on || lit ? accent : palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::PlaceholderText), 1));
    painter->setBrush(on ? accent : palette.color(QPalette::Base));
    painter->drawRoundedRect(box, 2.5, 2.5);
    if (on || partly) {
        const double side = box.width() / 12;
        painter->setPen(QPen(palette.color(on ? QPalette::HighlightedText : QPalette::Text), 1.6 * side, Qt::SolidLine,
                             Qt::RoundCap, Qt::RoundJoin));
        painter->setBrush(Qt::NoBrush);
        QPainterPath tick(box.topLeft() + QPointF(2.8, on ? 6.2 : 6) * side);
        if (on)
            tick.lineTo(box.topLeft() + QPointF(5, 8.6) * side);
        tick.lineTo(box.topLeft() + QPointF(9.2, on ? 3.4 : 6) * side);
        painter->drawPath(tick);
    }
    painter->restore();
}

} // namespace

FlatStyle::FlatStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void FlatStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (!qobject_cast<QComboBox*>(widget) && !qobject_cast<QAbstractSpinBox*>(widget))
        return;
    if (widget->focusPolicy() == Qt::WheelFocus)
        widget->setFocusPolicy(Qt::StrongFocus);
    widget->installEventFilter(this);
}

bool FlatStyle::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Wheel && watched->isWidgetType() && !static_cast<QWidget*>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QProxyStyle::eventFilter(watched, event);
}

int FlatStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* more) const
{
    return hint == SH_Menu_Scrollable ? 1 : QProxyStyle::styleHint(hint, option, widget, more);
}

int FlatStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ToolBarItemMargin:
    case PM_ToolBarItemSpacing:
    case PM_ToolBarFrameWidth:
        return 0;
    case PM_DockWidgetSeparatorExtent:
        return 3;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
        return views::scaled(14);
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

void FlatStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const auto* entry = element == CE_MenuItem ? qstyleoption_cast<const QStyleOptionMenuItem*>(option) : nullptr;
    if (element == CE_Splitter)
        drawSeam(option, painter);
    else if (entry && entry->menuItemType == QStyleOptionMenuItem::Separator && entry->text.isEmpty())
        painter->fillRect(QRect(option->rect.left(), option->rect.center().y(), option->rect.width(), 1), option->palette.mid());
    else if (element == CE_ToolBar)
        painter->fillRect(option->rect, option->palette.window());
    else
        QProxyStyle::drawControl(element, option, painter, widget);
}

void FlatStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                   const QWidget* widget) const
{
    const QStyleOptionToolButton* button = control == CC_ToolButton ? menuButton(option) : nullptr;
    if (!button)
        return QProxyStyle::drawComplexControl(control, option, painter, widget);
    QStyleOptionToolButton frame = *button;
    frame.features &= ~QStyleOptionToolButton::HasMenu;
    frame.text.clear();
    frame.icon = {};
    QProxyStyle::drawComplexControl(control, &frame, painter, widget);
    const QRect inside = option->rect.adjusted(views::scaled(4), 0, -views::scaled(3), 0);
    const QRect arrow(inside.right() - arrowRoom() + 1, inside.top(), arrowRoom(), inside.height());
    const QPalette::ColorGroup group = option->state & State_Enabled ? QPalette::Active : QPalette::Disabled;
    painter->setFont(button->font);
    proxy()->drawItemText(painter, inside.adjusted(0, 0, -arrowRoom(), 0), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          option->palette, option->state & State_Enabled, button->text, QPalette::ButtonText);
    const int side = views::scaled(12);
    views::drawIcon(*painter, QRectF(arrow.center().x() + 1 - side / 2.0, arrow.center().y() + 1 - side / 2.0, side, side),
                    views::Icon::Down, option->palette.color(group, QPalette::ButtonText));
}

QSize FlatStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size, const QWidget* widget) const
{
    const QSize wanted = QProxyStyle::sizeFromContents(type, option, size, widget);
    const QStyleOptionToolButton* button = type == CT_ToolButton ? menuButton(option) : nullptr;
    return button ? QSize(button->fontMetrics.horizontalAdvance(button->text) + arrowRoom() + views::scaled(8), wanted.height())
                  : wanted;
}

void FlatStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const
{
    if (element == PE_IndicatorDockWidgetResizeHandle)
        drawSeam(option, painter);
    else if (element == PE_FrameMenu)
        drawFrame(option, painter);
    else if (element == PE_IndicatorCheckBox)
        drawCheckBox(option, painter);
    else if (element == PE_IndicatorTabClose)
        views::drawIcon(
            *painter, option->rect, views::Icon::Close,
            option->palette.color(option->state & State_MouseOver ? QPalette::WindowText : QPalette::PlaceholderText));
    else
        QProxyStyle::drawPrimitive(element, option, painter, widget);
}

} // namespace winnow::app
