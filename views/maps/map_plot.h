// SPDX-License-Identifier: GPL-3.0-or-later
// The plot inside MapGrid: a QCPAxisRect per panel, the planes' background jobs, and what the pointer does.
#pragma once

#include "views/maps/map_gestures.h"
#include "views/maps/map_panel.h"
#include "views/state/latest_job.h"
#include "views/style/access_table.h"

#include <QTimer>

#include <memory>
#include <utility>
#include <vector>

namespace winnow::views {

class MapPlot : public QCustomPlot, public AccessTable {
    Q_OBJECT
public:
    explicit MapPlot(Selection* selection, QWidget* parent = nullptr);
    ~MapPlot() override;

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setScale(ScaleKind kind);
    ScaleKind scale() const { return m_scale.kind; }
    const ColorScale& colorScale() const { return m_scale; } ///< of the planes that are there
    void setPanelState(int policy, const PanelState& state);
    void setMaximized(bool on);
    bool isMaximized() const { return m_maximized; }
    /// Columns and rows of the panels: lane rows stand one above the other.
    QSize shape(int width) const;
    /// Cells per logical pixel; 0 = the screen's device pixels.
    void setCellsPerPixel(double cells);
    /// Whether step, token, brush and focus frame are drawn. At first they are.
    void setMarksShown(bool shown);
    /// Name, budget and mass above every map instead of in its free triangle: on paper every panel says them.
    void setTitled(bool titled)
    {
        m_scene.titled = titled;
        m_scene.focusFrame = !titled;
    }
    /// Whether a panel writes what is wrong with it. The window says it with a band instead.
    void setProblemsDrawn(bool drawn) { m_scene.problemsDrawn = drawn; }
    const std::vector<PanelState>& panelStates() const { return m_states; } ///< by policy number
    /// Gives a plot that was never shown its size, and lays out its panels.
    void setPlotSize(const QSize& size);

    Selection* selection() const { return m_selection; }
    int tokenCount() const { return m_scene.tokens; }
    const Zoom& zoom() const { return m_zoom; } ///< never empty
    int panelCount() const { return static_cast<int>(m_panels.size()); }
    const MapPanel& panel(int index) const { return m_panels[static_cast<std::size_t>(index)]->view; }
    /// Index of the panel whose place (margins included) holds the point; −1 = none.
    int panelAt(const QPointF& point) const;
    void setRubberBand(std::optional<Zoom> band);
    /// Waits for every plane that is not there yet.
    void finishPlanes();

    /// A row for each panel: what stands on its plate, and how many lanes hold the token that is looked at.
    int accessRows() const override { return panelCount(); }
    int accessColumns() const override { return 3; }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

signals:
    void colorScaleChanged(const winnow::views::ColorScale& scale);
    void reductionChanged(int tokensPerPixel);
    void panelCountChanged(int panels);
    void panelsPlaced(); ///< the panels stand elsewhere, or have other sizes

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    using Planes = std::shared_ptr<const PanelPlanes>;
    struct Panel {
        MapPanel view;
        std::unique_ptr<PanelFrame> frame;
        std::unique_ptr<PanelMarks> marks;
        std::unique_ptr<LatestJob<Planes>> job;
        PlaneRequest wanted;
        std::shared_ptr<const PolicyReplay> measured; ///< that mostStored is of
        int mostStored = 0;                           ///< slots of a lane
        bool hasPicture() const { return view.planes && view.planes->request.sameAs(wanted); }
    };

    /// A policy, and the one that it is set against or −1.
    using Shown = std::pair<int, int>;

    void onSelectionChanged(Selection::Fields fields);
    void showStep();
    std::vector<Shown> wantedPanels() const;
    std::unique_ptr<Panel> makePanel(Shown shown, Planes planes);
    void rebuildPanels();
    void render(Panel& panel);
    void measureSlots();
    void findDivergence();
    void layOutPanels();
    void refresh(); ///< margins, ranges, planes, one replot
    void choosePlateSize();
    void requestPlanes();
    void computeNow(const std::vector<Panel*>& panels); ///< on all cores, before it returns
    void takePlanes(Panel& panel, Planes planes);
    bool awaits(const Panel& panel) const; ///< another picture
    void askForNumbers();                  ///< where pictures came without them, and all are painted
    /// One replot for the pictures (or the numbers) of all panels that are asked for: with the last of them, or after a while.
    void replotSoon(bool numbers);
    void updateScale();
    void drawOverlay();
    void describe();
    PlaneRequest requestFor(const Panel& panel) const;

    Selection* m_selection;
    MapScene m_scene;
    Zoom m_zoom{0, 1, 0, 1};
    ColorScale m_scale = ColorScale::make(ScaleKind::Linear);
    DifferenceTable m_difference = differenceTable(m_scene.theme);
    std::vector<std::unique_ptr<Panel>> m_panels;
    std::vector<PanelState> m_states; ///< by policy number
    MapGestures m_gestures{*this};
    QTimer m_patience;
    double m_cellsPerPixel = 0;
    int m_reduction = 0;
    bool m_maximized = false;
};

} // namespace winnow::views
