// SPDX-License-Identifier: GPL-3.0-or-later
// A metric of the focused policy against its budget and against the bytes it stores, with the other policies as points, and what
// to ask for: budgets, metric, equal memory. Replays are made by whoever hears the signals. GUI thread.
#pragma once

#include "views/plot/sweep_chart.h"
#include "views/state/latest_job.h"

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace winnow::views {

class SweepPanel : public QWidget {
    Q_OBJECT
public:
    explicit SweepPanel(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// What is drawn: the swept policy at several budgets, and the others. `focus`: its number there. Null = nothing yet.
    void setData(std::shared_ptr<const ReplayResult> replay, int focus, std::vector<Lane> lanes);
    /// Of a text with so many tokens: the budgets that are proposed.
    void proposeBudgets(int tokens);
    /// `fraction` below 0: nothing runs.
    void setRunning(double fraction);
    void say(const QString& sentence);

    QString budgets() const;
    const Metric& metric() const;
    /// Waits for the numbers and shows them; for pictures and tests.
    void finish();
    const BudgetSweep* shown() const { return m_shown.get(); }

signals:
    void sweepWanted(const QString& budgets);
    void matchWanted();
    void stopWanted();
    void exportWanted();
    void copyWanted(); ///< the command that makes what is shown

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void ask();
    void enable();
    void draw();

    PlotStyle m_style;
    QLineEdit* m_budgets;
    QComboBox* m_metric;
    QPushButton *m_run, *m_match, *m_copy, *m_export;
    QProgressBar* m_progress;
    QLabel* m_words;
    QCustomPlot* m_plot;
    QCPAxisRect *m_budgetRect, *m_bytesRect;
    SweepChart m_budgetChart, m_bytesChart;
    std::shared_ptr<const ReplayResult> m_replay;
    std::vector<Lane> m_lanes;
    int m_focus = -1;
    bool m_isRunning = false;
    std::shared_ptr<const BudgetSweep> m_shown;
    LatestJob<std::shared_ptr<const BudgetSweep>> m_job;
};

} // namespace winnow::views
