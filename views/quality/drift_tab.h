// SPDX-License-Identifier: GPL-3.0-or-later
// Lower tab "Drift": how far each run (closed loop) is from the replay (open loop) of the same policy. The measures are the share
// of lifetimes that differ, and the differences of mass and of error. Left against the step, right against the layer. Numbers are
// those of `winnow compare`, computed in the background. GUI thread.
#pragma once

#include "core/analysis/drift.h"
#include "core/analysis/figures/figure_catalog.h"
#include "views/plot/chart_tab.h"
#include "views/plot/charts.h"
#include "views/state/latest_job.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace winnow::views {

class DriftTab : public ChartTab {
    Q_OBJECT
public:
    explicit DriftTab(Selection* selection, QWidget* parent = nullptr);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);
    /// `measure`: one of driftMeasures().
    void setMeasure(const Metric& measure);
    std::optional<FigureRequest> currentFigure() const;

    void finish(); ///< waits for the numbers and shows them; for pictures and tests
    const DriftCurves* shown() const { return m_numbers.get(); }

private:
    using Numbers = std::shared_ptr<const DriftCurves>;
    void start() override;
    bool hasPicture() const override { return m_numbers != nullptr; }
    void arrived(Result<Numbers> numbers);
    void showCurves();
    std::vector<int> runs() const; ///< rows of the visible runs
    QString stepReadout(QPointF at) const;
    QString layerReadout(QPointF at) const;
    const Metric& measure() const { return driftMeasures()[static_cast<std::size_t>(m_measureBox->currentIndex())]; }

    QComboBox *m_measureBox, *m_smoothBox;
    QCPAxisRect *m_stepRect, *m_layerRect;
    QualityChart m_steps;
    LayerChart m_layers;
    Numbers m_numbers;
    std::pair<std::vector<std::shared_ptr<const PolicyReplay>>, std::vector<int>>
        m_of; ///< what the numbers were computed from: finished policies, rows of the visible runs
    LatestJob<Numbers> m_job;
};

} // namespace winnow::views
