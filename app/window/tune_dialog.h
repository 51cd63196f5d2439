// SPDX-License-Identifier: GPL-3.0-or-later
// "Tune": searches the parameters of one policy by replays over the open recording, and puts the best setting in its place. The
// other open recordings are held out: of them the gain is told. The replays run in the background and stop with the dialog. GUI
// thread.
#pragma once

#include "app/window/exporter.h"
#include "app/work/open_places.h"
#include "app/work/tune_work.h"
#include "views/state/latest_job.h"
#include "views/style/theme.h"

#include <QDialog>

#include <functional>
#include <memory>

namespace winnow::views {
class TunePanel;
}

namespace winnow::app {

class TuneDialog : public QDialog {
    Q_OBJECT
public:
    using TakeSpecs = std::function<void(const std::vector<PolicySpec>&)>;
    /// `policy`: its row among the specs of `workspace`, whose recording is open. All must outlive the dialog. `take` is called
    /// with the policies of the window, the tuned one among them.
    TuneDialog(Workspace* workspace, const OpenPlaces* places, Exporter* exporter, int policy, TakeSpecs take, QWidget* window);

    /// Why the policy of that row cannot be tuned now, as a sentence; "" where it can.
    static QString whyNot(const Workspace& workspace, int policy);

    void setTheme(const views::Theme& theme);
    views::TunePanel* panel() const { return m_panel; }
    bool isRunning() const { return m_job.isRunning(); }
    /// The `winnow tune` line that searches the same.
    std::string commandLine() const;

private:
    using TuningPtr = std::shared_ptr<const Tuning>;
    TuneWish wish() const;
    std::vector<const OpenPlace*> heldOut() const; ///< the places whose recordings are
    void tune();
    void use();
    void exportNumbers();
    void arrived(const Result<TuningPtr>& tuning);

    Workspace* m_workspace;
    const OpenPlaces* m_places;
    Exporter* m_exporter;
    PolicySpec m_spec; ///< as the policy was when the dialog opened, or as it was put in its place
    TakeSpecs m_take;
    views::TunePanel* m_panel;
    TuningPtr m_found;
    views::LatestJob<TuningPtr> m_job;
};

} // namespace winnow::app
