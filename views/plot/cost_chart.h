// SPDX-License-Identifier: GPL-3.0-or-later
// What the cells of a sweep measured against one of their costs: a line per policy with several budgets, a point for each other,
// intervals, and the points that no other beats ringed and joined; a dotted line for what has no budget. GUI thread.
#pragma once

#include "core/analysis/sweep_planes.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

/// Draws `panel` into `rect`, whose plot keeps what is drawn. `labels`: names at the right of the rectangle.
void drawCostChart(QCPAxisRect* rect, const SweepPlanes::Panel& panel, SweepCost cost, bool labels, const PlotStyle& style);

} // namespace winnow::views
