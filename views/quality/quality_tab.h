// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Quality", in three charts for the visible policies:
// - a metric of the catalog against the step, against the layer, or against the loss or KL of the runs of the same policies;
// - the share of lanes that keep a token, against its distance from the current step;
// - how much the kept tokens of two policies overlap (Jaccard).
// Ctrl+T shows a table in their place. Numbers are computed in the background. GUI thread.
#pragma once

#include "core/analysis/curves.h"
#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/chart_tab.h"
#include "views/plot/charts.h"
#include "views/quality/overlap_panel.h"
#include "views/quality/prediction_panel.h"
#include "views/state/latest_job.h"

#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>

#include <vector>

namespace winnow::views {

class QualityTab : public ChartTab {
    Q_OBJECT
public:
    enum class Against { Step, Layer, Loss, Divergence }; ///< what x is; Loss and Divergence (KL) are those of the runs
    explicit QualityTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// `metric`: one of metricCatalog().
    void setMetric(const Metric& metric);
    void setAgainst(Against against);
    /// Length of the running mean in steps. 0: as many steps as four pixels show. kMeanSoFar: all steps so far.
    void setSmoothing(int steps);
    void toggleTable();
    bool showsTable() const;
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for the numbers and shows them. For pictures and tests.
    void finish();
    QTableWidget* table() const { return m_table; }
    OverlapPanel* overlap() const { return m_overlap; }
    const PredictionPanel& prediction() const { return m_prediction; }

private:
    struct Numbers {
        std::shared_ptr<const ReplayResult> of; ///< policy numbers are those of this replay
        std::vector<QualityCurves>
            metrics;           ///< in the order of metricCatalog(); all are filled for the table, else only the shown one
        LayerCurves layers;    ///< empty unless x is the layer
        Prediction prediction; ///< empty unless x is loss or KL
        DistanceCurves distance;
    };
    struct Wanted {
        CurveOptions options;
        int metric = 0;
        Against against = Against::Step;
        bool allMetrics = false;
    };
    Wanted wanted() const { return {curveOptions(), m_metric, m_against, showsTable()}; }
    bool againstRuns() const { return m_against == Against::Loss || m_against == Against::Divergence; }
    static Result<std::shared_ptr<const Numbers>> compute(std::shared_ptr<const ReplayResult> replay, const Wanted& wanted,
                                                          const JobContext& job);
    void start() override;
    bool hasPicture() const override;
    void askForVisible();
    void arrived(Result<std::shared_ptr<const Numbers>> numbers);
    void showCurves();
    void clearLeft() ///< empties the chart of the metric
    {
        m_quality.clear();
        m_layers.clear();
        m_prediction.clear();
    }
    void showSteps(const QualityCurves& curves);
    int smoothing() const; ///< length of the running mean in steps, chosen or by pixels
    void chooseLayer(QPointF at);
    void fillTable();
    CurveOptions curveOptions() const;
    const Metric& metric() const { return metricCatalog()[static_cast<std::size_t>(m_metric)]; }
    const QualityCurves& shownCurves() const
    {
        return m_numbers->metrics[static_cast<std::size_t>(m_metric)];
    } ///< of the metric shown
    QString readout(QPointF at) const;
    QString layerReadout(QPointF at) const;
    QString distanceReadout(QPointF at) const;

    int m_metric = 0; ///< index in metricCatalog()
    Against m_against = Against::Step;
    QComboBox *m_metricBox, *m_againstBox, *m_smoothBox;
    QToolButton* m_tableButton;
    QStackedWidget* m_stack;
    QTableWidget* m_table;
    QCPAxisRect *m_qualityRect, *m_distanceRect;
    QualityChart m_quality;
    LayerChart m_layers;
    PredictionPanel m_prediction;
    DistanceChart m_distance;
    OverlapPanel* m_overlap;
    std::shared_ptr<const Numbers> m_numbers;
    bool m_again = false; ///< something changed while the job ran: compute again when it ends
    LatestJob<std::shared_ptr<const Numbers>> m_job;
};

} // namespace winnow::views
