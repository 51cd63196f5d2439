// SPDX-License-Identifier: GPL-3.0-or-later
// Fusion with thin lines between the panes and bars without edges. A style and not a style sheet: under a style sheet widgets no
// longer follow the palette when the theme changes. Fusion's arrow of a menu button sits in its corner, its check box is a
// dark hole on a dark panel, and its tabs close by an orange button, which is the color of what is lost; here the arrow stands
// beside the words, the box has an edge, and tabs have the × of chips.
#pragma once

#include <QProxyStyle>

namespace winnow::app {

class FlatStyle : public QProxyStyle {
    Q_OBJECT
public:
    FlatStyle();
    using QProxyStyle::polish;
    /// The wheel changes a list or a number only where the focus is: else it scrolls what it is over.
    void polish(QWidget* widget) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    /// A menu that is higher than the screen scrolls: a second column could stand outside it.
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* more) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                           const QWidget* widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
};

} // namespace winnow::app
