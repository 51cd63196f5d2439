// SPDX-License-Identifier: GPL-3.0-or-later
// One picture of the Wavelet tab on the tokens' axis: bands above one another with their energies, or a scalogram with its
// spectrum, or the difference of two. What a brush changes is on the buffered layer, so brushing replots nothing else. GUI
// thread.
#pragma once

#include "views/plot/chart_plot.h"
#include "views/plot/scalogram_plot.h"
#include "views/state/view_data.h"

#include <functional>

namespace winnow::views {

inline constexpr double kEnergyBar = 34; ///< longest bar of a row's energy, in logical pixels

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

    /// The periods of a brushed region of a scalogram, shortest and longest in tokens per cycle. Nothing: a brush is of tokens
    /// only, and the periods that hold half of its power are marked.
    using Periods = std::optional<std::pair<double, double>>;
    void setPeriods(Periods periods);
    Periods periods() const { return m_periods; }
    bool isBrushing() const { return m_regionFrom.has_value(); } ///< a drag over a scalogram is under way
    Periods markedPeriods() const;                               ///< those, or the strongest of the brushed tokens
    /// Tokens of the brush that hold half of the power there of the marked row, of the region, or of the brushed periods;
    /// ascending.
    const std::vector<int>& carriers() const;
    QString carrierWords() const; ///< "7 of 40 tokens carry half of level 3 there"; "" where nothing is marked

    /// Called when a row or periods were chosen here.
    void setChosen(std::function<void()> chosen) { m_chosen = std::move(chosen); }
    /// 2 px along the top; −1 = nothing is being computed.
    void setWorking(double fraction);

    QString sentence() const;                         ///< what the cursor is at, for screen readers
    static int hidden(const WaveletPicture& picture); ///< positions of the picture that are left out at both ends

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
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
    void drawMarkedRow(QCPPainter* painter) const;
    void drawSharesOfRange(QCPPainter* painter) const;
    void drawRegion(QCPPainter* painter);
    void movePeriods(int by, bool extend);
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
    bool m_energies = true;    ///< room for energies at the right, else their numbers stand in the rows
    std::optional<int> m_markedRow;
    struct Brush {
        std::optional<int> row;
        Periods periods;
        std::optional<Range> range;
        friend bool operator==(const Brush&, const Brush&) = default;
    };
    Brush brush() const { return {m_markedRow, m_periods, m_state->state().tokenRange}; }
    // Computed by carriers() for m_carriersOf, once however often they are drawn.
    mutable std::vector<int> m_carriers;
    mutable std::vector<double> m_powerInRange; ///< of a scalogram
    mutable Periods m_marked;                   ///< likewise
    mutable std::optional<Brush> m_carriersOf;
    Periods m_periods;
    std::optional<QPointF> m_regionFrom;       ///< where a drag over a scalogram began
    std::optional<int> m_scale, m_scaleAnchor; ///< of a region by keys
    std::optional<int> m_anchor;               ///< of a brush by keys
    std::function<void()> m_chosen;
    double m_working = -1;
};

} // namespace winnow::views
