// Lower tab "Quality": a metric of every visible policy against the step or the layer (with slots: the budgets), and the share of lanes that keep a token against its
// distance from now, and how the policies overlap; as a table with Ctrl+T. Numbers are computed in the background. GUI thread.
#pragma once

#include "core/analysis/figures_curves.h"
#include "views/plot/chart_tab.h"
#include "views/state/latest_job.h"
#include "views/quality/overlap_panel.h"

#include <QStackedWidget>
#include <QTableWidget>
#include <QToolButton>

#include <array>

namespace winnow::views {

class QualityTab : public ChartTab {
    Q_OBJECT
public:
    explicit QualityTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    void setMetric(Metric metric);
    void setByLayer(bool byLayer);
    void toggleTable();
    bool showsTable() const;
    std::optional<FigureRequest> currentFigure() const;

    /// Waits for the numbers and shows them; for pictures and tests.
    void finish();
    QTableWidget* table() const { return m_table; }
    OverlapPanel* overlap() const { return m_overlap; }

private:
    struct Numbers {
        std::shared_ptr<const ReplayResult> of; ///< the policy numbers are its
        std::array<QualityCurves, 4> metrics; ///< only the shown one unless the table is open
        LayerCurves layers;                   ///< only if shown
        DistanceCurves distance;
    };
    struct Wanted {
        CurveOptions options;
        Metric metric = Metric::Mass;
        bool byLayer = false, allMetrics = false;
    };
    Wanted wanted() const { return {curveOptions(), m_metric, m_byLayer, showsTable()}; }
    static Result<std::shared_ptr<const Numbers>> compute(std::shared_ptr<const ReplayResult> replay, const Wanted& wanted,
                                                          const JobContext& job);
    void start() override;
    bool hasPicture() const override;
    void askForVisible();
    void arrived(Result<std::shared_ptr<const Numbers>> numbers);
    void showCurves();
    void showSteps(const QualityCurves& curves);
    void chooseLayer(QPointF at);
    void fillTable();
    CurveOptions curveOptions() const;
    QString readout(QPointF at) const;
    QString layerReadout(QPointF at) const;
    QString distanceReadout(QPointF at) const;

    Metric m_metric = Metric::Mass;
    bool m_byLayer = false;
    QComboBox *m_metricBox, *m_againstBox;
    QToolButton* m_tableButton;
    QStackedWidget* m_stack;
    QTableWidget* m_table;
    QCPAxisRect *m_qualityRect, *m_distanceRect;
    QualityChart m_quality;
    LayerChart m_layers;
    DistanceChart m_distance;
    OverlapPanel* m_overlap;
    std::shared_ptr<const Numbers> m_numbers;
    bool m_again = false; ///< something changed while the job ran
    LatestJob<std::shared_ptr<const Numbers>> m_job;
};

} // namespace winnow::views
