#include "app/flat_style.h"

#include <QPainter>
#include <QStyleOption>

namespace winnow::app {

namespace {

/// The panel's color with one line along the left or upper edge.
void drawSeam(const QStyleOption* option, QPainter* painter)
{
    const QRect rect = option->rect;
    painter->fillRect(rect, option->palette.window());
    const bool upright = rect.height() > rect.width();
    painter->fillRect(upright ? QRect(rect.left(), rect.top(), 1, rect.height()) : QRect(rect.left(), rect.top(), rect.width(), 1),
                      option->palette.mid());
}

} // namespace

FlatStyle::FlatStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

int FlatStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ToolBarItemMargin:
    case PM_ToolBarItemSpacing:
    case PM_ToolBarFrameWidth: return 0;
    case PM_DockWidgetSeparatorExtent: return 3;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

void FlatStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (element == CE_Splitter)
        drawSeam(option, painter);
    else if (element == CE_ToolBar)
        painter->fillRect(option->rect, option->palette.window());
    else
        QProxyStyle::drawControl(element, option, painter, widget);
}

void FlatStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    if (element == PE_IndicatorDockWidgetResizeHandle)
        drawSeam(option, painter);
    else
        QProxyStyle::drawPrimitive(element, option, painter, widget);
}

} // namespace winnow::app
