// SPDX-License-Identifier: GPL-3.0-or-later
// Wavelet bands as rows above one another, fine on top: where a token and a level stand, what a pixel shows, and the drawing.
// Values only but for the painter; no widget.
#pragma once

#include "views/plot/plot_style.h"
#include "views/wavelet/wavelet_picture.h"

namespace winnow::views {

/// Positions across, rows down. All in pixels of the plot.
struct StackGeometry {
    QRectF area;
    double tokenBegin = 0, tokenEnd = 1;
    int rows = 1;

    double x(double token) const { return area.left() + (token - tokenBegin) / (tokenEnd - tokenBegin) * area.width(); }
    double token(double x) const { return tokenBegin + (x - area.left()) * (tokenEnd - tokenBegin) / area.width(); }
    double tokenWidth() const { return area.width() / (tokenEnd - tokenBegin); }
    double rowHeight() const { return area.height() / rows; }
    double rowTop(int row) const { return area.top() + row * rowHeight(); }
    /// The row at height y; −1 above and below the rows.
    int rowAt(double y) const;
    /// Which of `count` values the pixel column `column` of `columns` shows: half-open indices; the first value stands at
    /// position `first`. A column shows at least one token.
    std::pair<int, int> tokensOfColumn(int column, int columns, int first, int count) const;
};

/// A pixel shows the largest of the values it covers, NaN where it covers none.
std::vector<double> columnMax(std::span<const double> values, int first, const StackGeometry& geometry, int columns);

/// (sum of a − sum of b) / (sum of a + sum of b) over the values that a pixel covers: −1 only b, 0 alike, 1 only a. The two are
/// aligned at their newest position; `first` is a's first position.
std::vector<double> columnDifference(std::span<const double> a, std::span<const double> b, int first,
                                     const StackGeometry& geometry, int columns);

enum class RowScale {
    Log,    ///< one for all rows, whole decades
    Linear, ///< one for all rows
    Own,    ///< linear, each row to its own largest value
};

/// From a magnitude to the share of a row's height. `hide` positions at both ends do not count.
class MagnitudeScale {
public:
    MagnitudeScale() = default;
    /// One scale for all pictures that stand side by side.
    MagnitudeScale(RowScale kind, const std::vector<std::vector<BandRow>>& pictures, int hide);
    double share(int row, double value) const;
    /// "log, 10⁻⁵ to 10⁻²", "linear, 0 to 0.012", "each row 0 to its largest".
    QString words() const;

private:
    RowScale m_kind = RowScale::Log;
    int m_low = -4, m_high = 0;       ///< powers of ten
    std::vector<double> m_most = {1}; ///< per row
};

/// Draws every row as an area, and in orange what a policy has lost of it. `hide` positions at both ends are left out.
void drawBands(QCPPainter* painter, const StackGeometry& geometry, const std::vector<BandRow>& rows, int first, int hide,
               const MagnitudeScale& scale, const PlotStyle& style, double pixelRatio);
/// Draws how a differs from b: blue above the middle of a row where a is larger, orange below the middle where b is larger.
void drawBandDifference(QCPPainter* painter, const StackGeometry& geometry, const std::vector<BandRow>& a,
                        const std::vector<BandRow>& b, int first, int hide, const PlotStyle& style, double pixelRatio);

} // namespace winnow::views
