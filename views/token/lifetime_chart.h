// SPDX-License-Identifier: GPL-3.0-or-later
// How long the focused policy stores its tokens, as bars, with the token that is looked at marked. GUI thread.
#pragma once

#include "core/analysis/lifetimes.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

class LifetimeChart {
public:
    explicit LifetimeChart(QCPAxisRect* rect);
    void show(const LifetimeHistogram& histogram, const PlotStyle& style);
    void clear();
    /// What the bar at `lifetime` says; "" beside the bars.
    QString words(double lifetime) const;

private:
    void draw(QCPPainter* painter) const;

    QCPAxisRect* m_rect;
    LifetimeHistogram m_histogram;
    PlotStyle m_style;
};

} // namespace winnow::views
