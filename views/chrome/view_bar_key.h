// SPDX-License-Identifier: GPL-3.0-or-later
// The color key of the maps: a swatch and words for not read, evicted, by rule and by choice, then the reduction and the loop.
// With less room it has fewer and shorter words. GUI thread.
#pragma once

#include "views/plot/color_scale.h"

#include <QString>
#include <QWidget>

#include <vector>

class QPainter;

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
    void setWindows(bool some);                   ///< a chosen lane has a sliding window of the model's own
    void setOver(const QString& sentence);        ///< lanes and steps of the numbers on the maps, for the tool tip
    void setLoop(const QString& name);            ///< "open loop" or "closed loop"
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {60, 20}; }
    int shortWidth() const;     ///< pixels that its short words need
    QString shownWords() const; ///< at its present width: "unread, evicted, rule, choice"

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Item {
        QString word, shortWord;
        enum { NotRead, Evicted, Rule, Choice, Swatch, Hatch, Word } kind = Word;
        QRgb color = 0;   ///< of a swatch
        double width = 0; ///< of swatch and word, in pixels
    };
    /// All; without reduction and loop; the same with short ramps and gaps; short words; swatches alone.
    enum class Words { All, States, StatesClose, Short, None };
    struct Row {
        std::vector<Item> items;
        double gap, ramp; ///< pixels between items, and of a ramp
        double width = 0; ///< of all of it
    };
    std::vector<Item> items() const;
    Row row(Words words) const;
    Row fittingRow() const; ///< the most words that the present width holds
    void updateTip();
    void drawHatch(QPainter& painter, const QRectF& box) const;

    Theme m_theme = Theme::darkTheme();
    ColorScale m_scale = ColorScale::make(ScaleKind::Linear);
    int m_reduction = 1;
    QString m_reference, m_over, m_loop = tr("open loop");
    bool m_distances = false, m_windows = false;
};

} // namespace winnow::views
