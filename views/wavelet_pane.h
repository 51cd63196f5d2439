// One picture of the Wavelet tab on the tokens' axis: bands above one another with their energies, or a scalogram with its
// spectrum, or the difference of two. What a brush changes is on the buffered layer, so brushing replots nothing else. GUI thread.
#pragma once

#include "views/figures_plot.h"
#include "views/scalogram_plot.h"
#include "views/view_data.h"

#include <functional>

namespace winnow::views {

class WaveletPane : public ChartPlot {
public:
    explicit WaveletPane(Selection* selection, QWidget* parent = nullptr);

    struct Content {
        WaveletPicturePtr picture;
        WaveletPicturePtr against; ///< shown is picture − against, aligned at the newest position; null = the picture itself
        QString title;             ///< above the picture, "" = none
        RowScale scale = RowScale::Log;
        MagnitudeScale magnitudes; ///< alike for all panes beside one another
        double largestPower = 0;   ///< likewise, of scalograms
    };
    void setContent(Content content, const ViewData& data);
    void clear();
    const WaveletPicture* picture() const { return m_content.picture.get(); }
    const std::vector<BandRow>& rows() const { return m_rows; }

    /// After zoom, theme or size changed.
    void relayout();
    StackGeometry stack() const;
    ScalogramGeometry scalogram() const;

    /// The row that was pressed or chosen with the keys; 0 is the signal. Marked in all panes.
    void setMarkedRow(std::optional<int> row);
    std::optional<int> markedRow() const { return m_markedRow; }
    void setRowChosen(std::function<void(std::optional<int>)> chosen) { m_rowChosen = std::move(chosen); }
    /// 2 px along the top; −1 = nothing is being computed.
    void setWorking(double fraction);

    QString sentence() const; ///< what the cursor is at, for screen readers
    static int hidden(const WaveletPicture& picture); ///< positions of the picture that are left out at both ends

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    bool isShown() const { return m_content.picture && m_rect->visible(); }
    void renderScalogram();
    void placeMargins();
    void setRanges();
    void drawPicture(QCPPainter* painter);
    void drawFrame(QCPPainter* painter);
    void drawTokenAxis(QCPPainter* painter) const;
    void drawDistances(QCPPainter* painter) const;
    void drawRowNames(QCPPainter* painter) const;
    void drawPeriods(QCPPainter* painter) const;
    void drawEnergies(QCPPainter* painter) const;
    void drawSpectrum(QCPPainter* painter) const;
    void drawLegend(QCPPainter* painter) const;
    void drawCarriers(QCPPainter* painter);
    void drawMarksOfRange(QCPPainter* painter);
    void moveCursor(int by, bool extend);
    QString readout(QPointF at) const;
    QRectF area() const { return QRectF(m_rect->rect()); }
    int tokens() const;

    Selection* m_state;
    QCPAxisRect* m_rect;
    Content m_content;
    ViewData m_data;
    std::vector<BandRow> m_rows, m_rowsAgainst;
    QImage m_image;
    bool m_byKeyboard = false; ///< focused by Tab: the ring shows
    bool m_energies = true; ///< room for energies at the right, else their numbers stand in the rows
    std::optional<int> m_markedRow;
    std::vector<int> m_carriers; ///< tokens of the brush that hold half of the marked row's power there
    std::optional<std::pair<int, Range>> m_carriersOf;
    std::optional<int> m_anchor; ///< of a brush by keys
    std::function<void(std::optional<int>)> m_rowChosen;
    double m_working = -1;
};

} // namespace winnow::views
