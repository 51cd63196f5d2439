// SPDX-License-Identifier: GPL-3.0-or-later
// What a pane of the Wavelet tab shows and where it stands: the picture with its rows, and the pixels of its axes. Values only.
#pragma once

#include "views/state/view_data.h"
#include "views/wavelet/band_stack.h"
#include "views/wavelet/scalogram_plot.h"
#include "views/wavelet/wavelet_picture.h"

#include <QSizeF>
#include <QString>

namespace winnow::views {

struct WaveletContent {
    WaveletPicturePtr picture;
    WaveletPicturePtr against; ///< shown is picture − against, aligned at the newest position; null = the picture itself
    QString title;             ///< above the picture, "" = none
    RowScale scale = RowScale::Log;
    MagnitudeScale magnitudes; ///< alike for all panes beside one another
    double largestPower = 0;   ///< likewise, of scalograms
};

struct WaveletScene {
    WaveletContent content;
    std::vector<BandRow> rows, rowsAgainst; ///< of `content.picture` and `content.against`; none of a scalogram
    ViewData data;
    QRectF area; ///< of the picture, in logical pixels of the pane
    QSizeF size; ///< of the pane
    double tokenBegin = 0, tokenEnd = 1;
    bool energies = true; ///< room for energies at the right, else their numbers stand in the rows

    StackGeometry stack() const { return {area, tokenBegin, tokenEnd, std::max(1, static_cast<int>(rows.size()))}; }
    /// Only where the picture is a scalogram.
    ScalogramGeometry scalogram() const { return scalogramGeometry(*content.picture->scalogram, area, tokenBegin, tokenEnd); }
    int tokens() const { return data.trace ? data.trace->tokenCount() : 0; }
};

/// The rows of a picture; where two are compared that tell what policies lost, the losses stand in place of the magnitudes.
std::vector<BandRow> comparedRows(const WaveletPicture& picture, bool compared);
/// Positions of a picture that are left out at both ends: sinks and newest tokens outshine the rest.
int hiddenPositions(const WaveletPicture& picture);

/// What stands at a point of the picture: x a token, y a row or log2 of a period. Several lines; "" outside.
QString pointWords(const WaveletScene& scene, QPointF at);

} // namespace winnow::views
