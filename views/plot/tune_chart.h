// SPDX-License-Identifier: GPL-3.0-or-later
// The curve of one tuned parameter: its values from left to right, evenly spaced, against the metric. The best value and the one
// that the policy had are marked in words. GUI thread.
#pragma once

#include "core/analysis/tune/tuning.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

class TuneChart {
public:
    explicit TuneChart(QCPAxisRect* rect);

    /// `axis`: index into the axes of `tuning`. `first`: its value axis has a title.
    void show(const Tuning& tuning, std::size_t axis, bool first, const PlotStyle& style);
    void clear();

private:
    QCPAxisRect* m_rect;
    QCPGraph *m_line, *m_best, *m_start;
};

} // namespace winnow::views
