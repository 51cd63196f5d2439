// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix in the Quality tab: how much the tokens that two policies store in the chosen lanes overlap, after the current step
// or, where steps are brushed, over these. Computed in the background once scrubbing pauses. A click in a cell makes its row the
// focus and its column the reference. GUI thread.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/chart_plot.h"
#include "views/plot/charts.h"
#include "views/state/latest_job.h"
#include "views/state/view_data.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

namespace winnow::views {

class OverlapPanel : public QObject {
    Q_OBJECT
public:
    /// `rect` is a chart of `plot`, which owns both.
    OverlapPanel(Selection* selection, ChartPlot* plot, QCPAxisRect* rect);

    void setData(const ViewData& data);
    /// Draws the matrix again after the theme or the size of the plot has changed.
    void restyle() { show(); }
    /// Waits for the numbers and shows them; for pictures and tests.
    void finish();
    const Comparison* shown() const { return m_shown ? &m_shown->comparison : nullptr; }
    QCPAxisRect* rect() const { return m_rect; }
    FigureRequest figure() const;

private:
    struct Numbers {
        Comparison comparison;
        std::vector<int> policies; ///< numbers in the replay of the policies that are the rows
    };
    using Answer = std::shared_ptr<const Numbers>;
    struct Wanted {
        std::shared_ptr<const ReplayResult>
            replay; ///< the visible policies that have come to the step, or to the last of the range
        std::vector<int> policies;
        int step = 0;
        ComparedOver over;
    };
    Wanted wanted() const;
    static Result<Answer> compute(const Wanted& wanted, const JobContext& job);
    void forget(); ///< shows no numbers
    void drawNotComputed(QCPPainter* painter) const;
    void start();
    void arrived(Result<Answer> answer);
    void show();
    void clicked(QPointF at);
    QString overWords() const; ///< the lanes and steps of the numbers that are shown
    QString readout(QPointF at) const;

    Selection* m_selection;
    ChartPlot* m_plot;
    QCPAxisRect* m_rect;
    OverlapChart m_chart;
    ViewData m_data;
    Answer m_shown;
    QTimer m_pause;
    LatestJob<Answer> m_job;
};

} // namespace winnow::views
