// SPDX-License-Identifier: GPL-3.0-or-later
// What a brush changes in a wavelet picture: the marked row or region, the tokens that carry it, and what the brushed tokens hold
// of every row. Drawing only.
#pragma once

#include "views/plot/plot_style.h"
#include "views/state/selection.h"
#include "views/wavelet/wavelet_brush.h"
#include "views/wavelet/wavelet_scene.h"

namespace winnow::views {

/// `scene` has a picture; `range`: the brushed tokens, which `brush` was given.
void drawWaveletMarks(QCPPainter* painter, const WaveletScene& scene, const WaveletBrush& brush,
                      const std::optional<Range>& range, const PlotStyle& style);

/// "7 of 40 tokens carry half of level 3"; "" where nothing is marked.
QString carrierWords(const WaveletScene& scene, const WaveletBrush& brush, const std::optional<Range>& range);

/// What is marked and selected, for screen readers.
QString brushSentence(const WaveletScene& scene, const WaveletBrush& brush, const SelectionState& state);

} // namespace winnow::views
