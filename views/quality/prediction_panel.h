// SPDX-License-Identifier: GPL-3.0-or-later
// Does what the replay predicts hold? In the Quality tab, in place of the curves: a metric of the replays against the loss or KL
// of the runs. A click on a point makes its run the focus. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/prediction_chart.h"
#include "views/state/selection.h"

#include <QString>

namespace winnow::views {

class PredictionPanel {
public:
    PredictionPanel(Selection* selection, QCPAxisRect* rect);

    /// A sentence in the chart where there is nothing to show.
    void show(const Prediction& prediction, const PlotStyle& style);
    void clear() { m_chart.clear(); }
    QString sentence() const; ///< for the bar: how well the one ranks the other, and over what
    QString readout(QPointF at) const;
    void clicked(QPointF at);
    const Prediction& shown() const { return m_prediction; }

private:
    Selection* m_selection;
    PredictionChart m_chart;
    Prediction m_prediction;
};

} // namespace winnow::views
