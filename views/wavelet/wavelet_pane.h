// SPDX-License-Identifier: GPL-3.0-or-later
// One picture of the Wavelet tab on the tokens' axis: bands above one another with their energies, or a scalogram with its
// spectrum, or the difference of two. What a brush changes is on the buffered layer, so brushing replots nothing else. GUI
// thread.
#pragma once

#include "views/plot/chart_plot.h"
#include "views/wavelet/wavelet_brush.h"
#include "views/wavelet/wavelet_scene.h"

#include <functional>

namespace winnow::views {

class WaveletPane : public ChartPlot {
public:
    explicit WaveletPane(Selection* selection, QWidget* parent = nullptr);

    void setContent(WaveletContent content, const ViewData& data);
    void clear();
    const WaveletPicture* picture() const { return m_scene.content.picture.get(); }
    const std::vector<BandRow>& rows() const { return m_scene.rows; }

    /// After zoom, theme or size changed.
    void relayout();
    StackGeometry stack();
    ScalogramGeometry scalogram(); ///< where the picture is one

    /// The row that was pressed or chosen with the keys; 0 is the signal. Marked in all panes.
    void setMarkedRow(std::optional<int> row);
    std::optional<int> markedRow() const { return m_brush.row(); }
    /// The periods of a brushed region of a scalogram. Nothing: a brush is of tokens only.
    void setPeriods(Periods periods);
    Periods periods() const { return m_brush.periods(); }
    bool isBrushing() const { return m_regionFrom.has_value(); } ///< a drag over a scalogram is under way
    /// What is brushed now, with the selected token range.
    const WaveletBrush& brush();
    QString carrierWords(); ///< "7 of 40 tokens carry half of level 3"; "" where nothing is marked

    /// Called when a row or periods were chosen here.
    void setChosen(std::function<void()> chosen) { m_chosen = std::move(chosen); }
    /// 2 px along the top; −1 = nothing is being computed.
    void setWorking(double fraction);

    QString sentence(); ///< what the cursor is at, for screen readers

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    bool isShown() const { return m_scene.content.picture && m_rect->visible(); }
    const WaveletScene& place();
    void renderScalogram();
    void placeMargins();
    void setRanges();
    void drawPicture(QCPPainter* painter);
    void drawMarks(QCPPainter* painter);
    void movePeriods(int by, bool extend);
    void moveCursor(int by, bool extend);
    QRectF area() const { return QRectF(m_rect->rect()); }

    Selection* m_state;
    QCPAxisRect* m_rect;
    WaveletScene m_scene;
    WaveletBrush m_brush;
    QImage m_image;
    bool m_byKeyboard = false;                 ///< focused by Tab: the ring shows
    bool m_byMouse = false;                    ///< clicked: the arrows stay the window's
    std::optional<QPointF> m_regionFrom;       ///< where a drag over a scalogram began
    std::optional<int> m_scale, m_scaleAnchor; ///< of a region by keys
    std::optional<int> m_anchor;               ///< of a brush by keys
    std::function<void()> m_chosen;
    double m_working = -1;
};

} // namespace winnow::views
