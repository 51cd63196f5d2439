// SPDX-License-Identifier: GPL-3.0-or-later
// "Budget sweep": replays the focused policy with several budgets beside what is open, and finds budgets of equal memory. The
// replays run in the background and stop with the dialog. GUI thread.
#pragma once

#include "app/window/exporter.h"
#include "app/work/live_value.h"
#include "app/work/workspace.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/style/theme.h"

#include <QDialog>

#include <functional>
#include <memory>
#include <vector>

namespace winnow::views {
class SweepPanel;
}

namespace winnow::app {

class SweepDialog : public QDialog {
    Q_OBJECT
public:
    using TakeSpecs = std::function<void(const std::vector<PolicySpec>&)>;
    /// All outlive the dialog. `take` is given the policies with budgets of equal memory.
    SweepDialog(Workspace* workspace, views::Selection* selection, Exporter* exporter, TakeSpecs take, QWidget* window);

    void setTheme(const views::Theme& theme);
    views::SweepPanel* panel() const { return m_panel; }
    bool isRunning() const { return m_sweepJob.isRunning() || m_matchJob.isRunning(); }

private:
    using ReplayPtr = std::shared_ptr<const ReplayResult>;
    void sweep(const QString& budgets);
    void match();
    void exportFigure();
    void copyCommand();
    FigureRequest request() const; ///< of what is drawn
    void draw(const ReplayPtr& swept);
    void ended(const Error* error);

    Workspace* m_workspace;
    views::Selection* m_selection;
    Exporter* m_exporter;
    TakeSpecs m_take;
    views::SweepPanel* m_panel;
    ReplayPtr m_swept;
    ReplayPtr m_drawn; ///< what is open, and the swept policy beside it
    views::LatestJob<ReplayPtr> m_sweepJob;
    views::LatestJob<std::vector<PolicySpec>> m_matchJob;
    LiveValue<ReplayPtr> m_partial;
};

} // namespace winnow::app
