// SPDX-License-Identifier: GPL-3.0-or-later
// One panel of the maps: its geometry and the three things drawn in it, each on its own layer of the plot. All three clip by
// arithmetic as well as by the painter, since QSvgGenerator ignores clipping.
#pragma once

#include "views/maps/map_geometry.h"
#include "views/maps/map_grid.h"
#include "views/maps/retention_plottable.h"
#include "views/plot/color_scale.h"
#include "views/state/map_zoom.h"

#include <QString>

#include <optional>
#include <vector>

namespace winnow::views {

/// What all panels share. Owned by the plot, which outlives them.
struct MapScene {
    Theme theme = Theme::darkTheme();
    ViewData data;
    const Selection* selection = nullptr;
    int tokens = 0;
    int sinks = 4; ///< tokens in the gutter
    std::optional<Zoom> rubberBand;
    bool focusFrame = true;
    bool problemsDrawn = true;        ///< as words in the panel
    bool titled = false;              ///< on paper: name, budget and mass above every map, whatever its size
    int platePixels = 13;             ///< of the names on the plates, alike in all panels
    bool maximizedDifference = false; ///< one policy, the reference, and between them the two against each other
    double mostSlots = 0;             ///< at the end of the bars beside lane rows
    std::vector<int> diverging;       ///< tokens at which focus and reference part at the step, while Difference is on
    MapRows rows() const { return selection->state().rows; }
    MapAxis axis() const { return selection->state().axis; }
    /// Names stand above the maps: on paper, and where rows are lanes, which leave no free triangle.
    bool namesAbove() const { return titled || rows() == MapRows::Lanes; }
};

/// A panel: what it shows and where. The drawing parts read it.
struct MapPanel {
    int policy = 0;           ///< number, an index into ReplayResult::policies
    int reference = -1;       ///< number of the policy that it is set against; −1 = none
    bool hasTokenAxis = true; ///< numbers below; lane rows, one above the other, share those of the last
    MapGeometry geometry;
    PanelState state;
    std::shared_ptr<const PanelPlanes> planes;
    QCPAxisRect* rect = nullptr;
    RetentionPlottable* map = nullptr;
    QRectF plate;              ///< where the plate stands; lines of the overlay begin below it
    std::vector<QRectF> words; ///< that stand at lines across the panel; upright lines leave them out
};

inline constexpr double kLabelledToken = 14; ///< tokens at least this wide get their text

/// Margins of a panel for these tokens, sinks, zoom and fonts: left holds step labels and gutter, bottom rug and token labels,
/// right the slots of lane rows.
QMargins panelMargins(const MapScene& scene, int outerWidth, bool hasTokenAxis);

/// The page color with opacity `share`; the ground of words that stand over cells.
QColor veil(const Theme& theme, double share);
/// Text of one line whose `flags` say where in `rect` it stands; never larger than the rectangle.
void drawElided(QCPPainter* painter, const QRectF& rect, int flags, const QString& text);

/// Labels of both axes, the end of the prompt, the plate, progress and problems: all that does not follow the step.
class PanelFrame : public QCPLayerable {
public:
    PanelFrame(QCustomPlot* plot, const MapScene& scene, MapPanel& panel);
    /// Whether name, budget and mass stand in the free triangle at the scene's plate size.
    bool hasRoomForAll() const;

protected:
    QRect clipRect() const override { return m_panel.geometry.outer; }
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
    void draw(QCPPainter* painter) override;

private:
    struct Plate {
        QString name;
        QStringList lines; ///< under the name
        QFont bold, small;
        QRectF rect;
        bool veiled = false; ///< it covers cells, and so has a nearly opaque ground
        int alignment = Qt::AlignRight;
        bool oneLine = false;   ///< the lines stand behind the name
        bool shortened = false; ///< the name, or its letters are smaller than MapScene::platePixels
    };
    bool isFree(const QRectF& rect) const;
    bool isFree(const Plate& plate) const;
    Plate layOutPlate() const;
    void drawAxes(QCPPainter* painter) const;
    void drawTokenAxis(QCPPainter* painter) const;
    void drawDistanceAxis(QCPPainter* painter) const;
    void drawAxisTitle(QCPPainter* painter, const QString& title) const;
    void drawStepAxis(QCPPainter* painter) const;
    void drawLayerAxis(QCPPainter* painter) const;
    void drawSlots(QCPPainter* painter) const;
    QStringList plateLines() const;
    void drawPromptEnd(QCPPainter* painter, const Plate& plate) const;
    void drawBoundary(QCPPainter* painter, const Plate& plate, int step, const QStringList& words) const;
    void drawPlate(QCPPainter* painter, const Plate& plate);
    void drawState(QCPPainter* painter) const;

    const MapScene& m_scene;
    MapPanel& m_panel;
};

/// Step, token, brush, spans, focus frame, rubber band: all that follows the Selection. On a buffered layer of its own.
class PanelMarks : public QCPLayerable {
public:
    PanelMarks(QCustomPlot* plot, const MapScene& scene, const MapPanel& panel);

protected:
    QRect clipRect() const override { return m_panel.geometry.outer; }
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
    void draw(QCPPainter* painter) override;

private:
    double topAt(double x) const; ///< where a vertical line at x begins: at the map's top, or below the plate
    void drawEdge(QCPPainter* painter, double token) const; ///< the line of a token's left edge, on either axis
    void drawStep(QCPPainter* painter) const;
    void drawRange(QCPPainter* painter, const Range& range, Qt::Orientation along) const;
    void drawSpan(QCPPainter* painter, const Span& span, std::vector<QRectF>& taken) const;
    void drawCarriers(QCPPainter* painter) const;
    void drawDivergence(QCPPainter* painter) const;

    const MapScene& m_scene;
    const MapPanel& m_panel;
};

} // namespace winnow::views
