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
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Item {
        QString word;
        enum { NotRead, Evicted, Rule, Choice, Word } kind = Word;
        double width = 0; ///< with its swatch, without the gap behind
    };
    std::vector<Item> items() const;
    void updateTip();

    Theme m_theme = Theme::darkTheme();
    ColorScale m_scale = ColorScale::make(ScaleKind::Linear);
    int m_reduction = 1;
};

} // namespace winnow::views
