// SPDX-License-Identifier: GPL-3.0-or-later
// The retention maps: a panel per visible policy, x = token, y = step downward, all with one zoom. Reads and writes the
// Selection; planes are computed in the background, one job per panel, and the old picture is stretched meanwhile.
#pragma once

#include "views/plot/color_scale.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QWidget>

#include <map>
#include <memory>
#include <vector>

class QCPPainter;
class QLabel;
class QScrollArea;

namespace winnow::views {

class MapPlot;
class PanelBand;

/// What a panel says beside its picture.
struct PanelState {
    double progress = -1; ///< 0…1: 2 px bar at the panel's top; −1 = none
    QString tag;          ///< "updating"; "" = none
    QString problem;      ///< the engine's sentence, as a band in the panel; "" = none
    friend bool operator==(const PanelState&, const PanelState&) = default;
};

class MapGrid : public QWidget {
    Q_OBJECT
public:
    explicit MapGrid(Selection* selection, QWidget* parent = nullptr);
    ~MapGrid() override;

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setScale(ScaleKind scale);
    ScaleKind scale() const;
    /// Shown in the middle while there is no replay: what to do, or what is being waited for.
    void setEmptyText(const QString& text);
    void setPanelState(int policy, const PanelState& state);
    /// Shows only the focused policy, large; off shows all again.
    void setMaximized(bool on);
    bool isMaximized() const;

    /// Zooms by `factor` (> 1 = closer) around the middle of what is shown, as the keys + and − do.
    void zoomBy(double factor);
    /// Fits the brushed tokens; shows everything when they are fitted already or nothing is brushed.
    void fit();
    void fitSteps(); ///< shows the brushed steps; shows all steps when they are shown already

    /// Waits for all planes; for pictures and tests.
    void finishPlanes();
    /// The plot inside, for tests of the mapping and for painting without a window.
    MapPlot* plot() const { return m_plot; }

    QSize sizeHint() const override { return {860, 462}; }
    QSize minimumSizeHint() const override { return {360, 160}; }
    /// The height from which on no row of panels has to be scrolled to.
    int leastHeight() const { return m_least; }

signals:
    void colorScaleChanged(const winnow::views::ColorScale& scale); ///< for the deck: same colors
    void reductionChanged(int tokensPerPixel);                      ///< for the color key; 1 = every token has its own pixel
    void leastHeightChanged();
    void removalWanted(int policy); ///< the buttons beside a panel's problem
    void changeWanted(int policy);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void layOut();
    void placeBands();

    Selection* m_selection;
    QScrollArea* m_scroll;
    MapPlot* m_plot;
    QLabel* m_note;
    QString m_emptyText;
    Theme m_theme;
    std::map<int, PanelBand*> m_bands; ///< by policy number: what is wrong with it
    bool m_hasReplay = false;
    int m_least = 0;
};

/// Columns and rows of a grid of `panels` maps at a width: 1→1×1, 2→2×1, 3→3×1, 4→2×2, 5–6→3×2, 7–8→4×2, 9–12→4×3, more: four
/// columns. Fewer columns where a panel would be narrower than 180.
QSize mapGridShape(int panels, int width);

/// Maps without any window.
struct PaperMaps {
    QSize size; ///< logical pixels
    ViewData data;
    SelectionState state;
    double pixelsPerUnit = 1; ///< cells per logical pixel
    ScaleKind scale = ScaleKind::Linear;
    bool marks = true;      ///< the step line, the token, the brush and the focus frame are drawn
    bool maximized = false; ///< the focus alone; with a difference the focus, the difference and the reference
};

/// Paints the maps as they would stand in a window of that size, light theme: onto a printer, an SVG generator or an image.
/// `painter` is begun; scale it for other units (ticks are 11 px, names 13 px). Planes are drawn as rasters, never smoothed by
/// us; text stays text; nothing is drawn outside its panel, clipped by arithmetic because QSvgGenerator of Qt 6.4 ignores
/// clipping. Blocks; GUI thread.
void paintMaps(QCPPainter* painter, const PaperMaps& maps);
/// The colors that paintMaps gives them. Blocks likewise.
ColorScale scaleOfMaps(const PaperMaps& maps);

} // namespace winnow::views
