// SPDX-License-Identifier: GPL-3.0-or-later
// The row above the maps: what their rows and their position axis are, Difference, the Scale menu and the color key, which names
// the grounds, the ramps, the reduction and the loop in words.
#pragma once

#include "views/plot/color_scale.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QList>
#include <QWidget>

class QLabel;
class QToolButton;
class QActionGroup;

namespace winnow::views {

class ColorKey;

class ViewBar : public QWidget {
    Q_OBJECT
public:
    explicit ViewBar(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setScale(ScaleKind scale); ///< does not emit
    ScaleKind scale() const { return m_scale; }

public slots:
    void setColorScale(const winnow::views::ColorScale& scale); ///< from MapGrid::colorScaleChanged
    void setReduction(int tokensPerPixel);                      ///< from MapGrid::reductionChanged

signals:
    void scaleChosen(winnow::views::ScaleKind scale); ///< connect to MapGrid::setScale

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QToolButton* segment(const QString& word, const QString& tip);
    void refresh();
    void arrange();
    int wordsWidth() const; ///< that the buttons need with their words

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QToolButton *m_steps, *m_lanes, *m_token, *m_distance, *m_difference;
    QList<QLabel*> m_titles;
    QToolButton* m_scaleButton;
    QActionGroup* m_scales;
    ColorKey* m_key;
    ScaleKind m_scale = ScaleKind::Linear;
};

} // namespace winnow::views
