// SPDX-License-Identifier: GPL-3.0-or-later
// A metric against budget or bytes, both on a log axis: a line per policy with several budgets, a point for each other. GUI
// thread.
#pragma once

#include "core/analysis/budget_sweep.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

class SweepChart {
public:
    enum class Against { Budget, Bytes };
    SweepChart(QCPAxisRect* rect, Against against);

    /// `focus`: number of the policy whose line is thick; −1 = none. `labels`: names at the right of the lines' last points.
    void show(const BudgetSweep& sweep, int focus, bool labels, const PlotStyle& style);
    void clear();

private:
    double placeOf(const BudgetSweep::Point& point) const; ///< NaN where it has none
    void setTicks(double least, double most);

    QCPAxisRect* m_rect;
    Against m_against;
    QList<QCPGraph*> m_graphs;
    std::vector<EndLabel> m_labels;
    PlotStyle m_style;
};

} // namespace winnow::views
