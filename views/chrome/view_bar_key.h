// SPDX-License-Identifier: GPL-3.0-or-later
// The color key in words: not read, evicted, by rule, by choice, the reduction, the loop.
#pragma once

#include "views/plot/color_scale.h"

#include <QWidget>

#include <vector>

namespace winnow::views {

class ColorKey : public QWidget {
    Q_OBJECT
public:
    explicit ColorKey(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setColorScale(const ColorScale& scale);
    void setReduction(int tokensPerPixel);
    void setComparison(const QString& reference); ///< the policy that all are set against; empty = none
    void setDistances(bool on);                   ///< cells are means over distance on a log scale
    void setOver(const QString& sentence);        ///< lanes and steps of the numbers on the maps, for the tool tip
    void setLoop(const QString& name);            ///< "open loop" or "closed loop"
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Item {
        QString word;
        enum { NotRead, Evicted, Rule, Choice, Swatch, Word } kind = Word;
        QRgb color = 0;   ///< of a swatch
        double width = 0; ///< with its swatch, without the gap behind
    };
    std::vector<Item> items() const;
    void updateTip();

    Theme m_theme = Theme::darkTheme();
    ColorScale m_scale = ColorScale::make(ScaleKind::Linear);
    int m_reduction = 1;
    QString m_reference, m_over, m_loop = tr("open loop");
    bool m_distances = false;
};

} // namespace winnow::views
