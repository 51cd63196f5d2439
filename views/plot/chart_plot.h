// SPDX-License-Identifier: GPL-3.0-or-later
// The plot of a lower tab: chart rectangles whose axes are steps or tokens, with the gestures, overlays and states that they
// share. Overlays live on a buffered layer, so scrubbing replots nothing else. GUI thread.
#pragma once

#include "views/plot/plot_style.h"
#include "views/state/selection.h"
#include "views/style/access_table.h"

#include <optional>
#include <utility>
#include <vector>

namespace winnow::views {

enum class AxisRole { None, Step, Token };

class ChartPlot : public QCustomPlot, public AccessTable {
public:
    explicit ChartPlot(Selection* selection, QWidget* parent = nullptr);

    QCPAxisRect* addChart(int row, int column, AxisRole x, AxisRole y, const Margins& margins);
    void setTheme(const Theme& theme);
    /// Number of tokens, and the colors of the policies from the next drawing on. nullptr: there are none.
    void setReplay(const std::shared_ptr<const ReplayResult>& replay);
    const PlotStyle& style() const { return m_style; }
    /// What clicks, drags and the wheel mean in it from now on.
    void setAxes(QCPAxisRect* chart, AxisRole x, AxisRole y);
    void setMargins(QCPAxisRect* chart, const Margins& margins);
    /// Text beside the pointer for a point in axis coordinates; "" = none. `byHeight`: another at another height.
    void setReadout(QCPAxisRect* chart, std::function<QString(QPointF)> readout, bool byHeight = false);
    /// Called with a clicked point in axis coordinates; for charts whose axes are neither steps nor tokens.
    void setClicked(QCPAxisRect* chart, std::function<void(QPointF)> clicked);
    /// In axis pixels: cells are bands of width 1 (attention, bands); false: samples stand at whole numbers (lines).
    void setCells(QCPAxisRect* chart, bool cells);

    /// A sentence in the middle in place of the charts; "" shows the charts.
    void setEmptyText(const QString& text);
    /// Writes "updating" over the old picture.
    void setUpdating(bool on);
    bool isUpdating() const { return m_updating; }
    /// Steps from here on are hatched: not computed yet. −1 = all are there.
    void setComputedSteps(int steps);
    void setTokenCount(int tokens) { m_tokens = tokens; }
    /// Called when a sentence takes the place of the charts, true, and when it goes.
    void setEmptied(std::function<void(bool)> emptied) { m_emptied = std::move(emptied); }
    /// Called after a resize, when rectangles have their new size.
    void setResized(std::function<void()> resized) { m_resized = std::move(resized); }

    /// The chart that the pointer was in last; nullptr at first. What "export" means where a tab has several.
    const QCPAxisRect* lastChart() const { return m_lastChart; }

    /// Draws only the overlay again.
    void replotOverlay();
    /// Gives the rectangles their places now, also in a plot that was never shown.
    void layOut();

    /// For screen readers: places of the charts, what the readout says there. A row per chart, where the height matters one per
    /// place of its height.
    int accessRows() const override { return static_cast<int>(accessPlaces().size()); }
    int accessColumns() const override;
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Chart {
        QCPAxisRect* rect = nullptr;
        AxisRole x = AxisRole::None, y = AxisRole::None;
        Margins margins;
        bool cells = false, byHeight = false;
        std::function<QString(QPointF)> readout;
        std::function<void(QPointF)> clicked;
    };
    enum class Drag { None, Undecided, Brush, Zoom, Pan };

    /// The charts that are in sight, each with the places of its height.
    std::vector<std::pair<const Chart*, double>> accessPlaces() const;
    const Chart* chartAt(const QPointF& point, bool withAxes = false) const;
    QPointF coordinates(const Chart& chart, const QPointF& pixel) const;
    void brushTo(const QPointF& point);
    void drawOverlay(QCPPainter* painter);
    void drawMarks(QCPPainter* painter, const Chart& chart) const;
    void drawState(QCPPainter* painter);
    void drawReadout(QCPPainter* painter);

    Selection* m_selection;
    PlotStyle m_style;
    std::vector<Chart> m_charts;
    QString m_emptyText;
    std::function<void(bool)> m_emptied;
    std::function<void()> m_resized;
    bool m_updating = false;
    int m_computedSteps = -1, m_tokens = 0;
    Drag m_drag = Drag::None;
    Chart m_dragged;
    const QCPAxisRect* m_lastChart = nullptr;
    QPointF m_pressed, m_pointer;
    bool m_hovering = false;
    Zoom m_zoomAtPress;
};

} // namespace winnow::views
