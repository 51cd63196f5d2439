// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes as a head map: layers down, KV heads across (query heads where the focused policy has those), a gray by a measure
// of the focused policy. Click = one lane, Shift adds, drag = rectangle, number = layer, double-click = all.
#pragma once

#include "views/lanes/lane_values.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/access_table.h"
#include "views/style/theme.h"

#include <QAbstractScrollArea>

#include <memory>
#include <vector>

class QToolButton;

namespace winnow::views {

/// GUI thread. Values are means over the step range, else from the step of the largest visible budget on.
class LaneGrid : public QAbstractScrollArea, public AccessTable {
    Q_OBJECT
public:
    explicit LaneGrid(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setMeasure(LaneMeasure measure);
    void setMeasureNamed(const QString& name); ///< as measureName says; another name changes nothing
    LaneMeasure measure() const { return m_values.measure(); }
    /// The figure "lanes" of the focused policy, by the measure shown; "scale-slope" of the recording.
    FigureRequest currentFigure() const { return m_values.figure(); }

    /// Waits for the slopes; for pictures and tests.
    void finishSlopes();

    /// For the keys ↑ ↓ and L: exactly one lane, the one before or after the (first) chosen one; all lanes.
    void laneBefore() { moveLane(-1); }
    void laneAfter() { moveLane(+1); }
    void allLanes();

    /// A cell (`head` counts the columns) in viewport coordinates; null if there is no such cell.
    QRect cellRect(Lane cell) const;
    std::optional<Lane> laneAt(const QPoint& position) const;
    QSize sizeHint() const override { return {236, 404}; }

    /// Rows are layers, columns heads.
    int accessRows() const override { return m_values.layers(); }
    int accessColumns() const override { return m_values.layers() > 0 ? m_values.columns() : 0; }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void selectionChanged(Selection::Fields fields);
    void updateCells();
    void updateSentence();
    void moveLane(int by);
    void choose(const std::vector<Lane>& cells, bool add);
    void showValueCard(const QPoint& position, const QPoint& global);
    QString valueText(Lane cell) const;
    int layerAt(int y) const;
    static bool isMove(int key);
    bool isChosen(Lane cell) const;
    QColor cellColor(double value) const;
    void paintCell(QPainter& painter, Lane cell) const;
    void paintNumbers(QPainter& painter) const;

    Selection* m_selection;
    LaneValues m_values;
    Theme m_theme;
    int m_cellWidth = 22, m_cellHeight = 13, m_labelWidth = 24;
    QWidget* m_header;
    QToolButton* m_measureButton;
    Lane m_cursor;
    int m_hoverLayer = -1;
    std::optional<QPoint> m_pressed;
    QRect m_rubber;
    bool m_adding = false;
};

} // namespace winnow::views
