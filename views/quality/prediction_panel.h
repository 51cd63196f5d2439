// SPDX-License-Identifier: GPL-3.0-or-later
// A chart of the Quality tab: does a metric of the replays predict what the runs measure? Each point is one policy. x is the
// metric of its replay, y the loss or KL of its run. A click on a point makes that run the focus. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/prediction_chart.h"
#include "views/state/selection.h"

#include <QString>

namespace winnow::views {

class PredictionPanel {
public:
    /// Draws into `rect`. Both must outlive this object.
    PredictionPanel(Selection* selection, QCPAxisRect* rect);

    /// Draws the points. Without points the chart shows a sentence that says why.
    void show(const Prediction& prediction, const PlotStyle& style);
    void clear() { m_chart.clear(); }
    QString sentence() const;          ///< for the bar: the rank correlation, and of how many policies, lanes and steps
    QString readout(QPointF at) const; ///< about the point at a pixel; "" where there is none
    void clicked(QPointF at);          ///< a click at a pixel
    const Prediction& shown() const { return m_prediction; }

private:
    Selection* m_selection;
    PredictionChart m_chart;
    Prediction m_prediction;
};

} // namespace winnow::views
