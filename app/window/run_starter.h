// SPDX-License-Identifier: GPL-3.0-or-later
// "Run this policy for real" and "Run all": says why it cannot be, asks for the model where it is not found, and starts the run.
// GUI thread.
#pragma once

#include "app/window/band.h"
#include "app/work/workspace.h"
#include "views/state/selection.h"

#include <QObject>

#include <filesystem>
#include <vector>

class QWidget;

namespace winnow::views {
class PolicyList;
} // namespace winnow::views

namespace winnow::app {

/// What it works with; all outlive it.
struct RunParts {
    Workspace* workspace;
    views::Selection* selection;
    views::PolicyList* policies; ///< whose menus ask for runs
    Band* messages;
};

class RunStarter : public QObject {
    Q_OBJECT
public:
    /// `window` carries the dialog.
    RunStarter(const RunParts& parts, QWidget* window);

    /// Of what is shown; a run is run again.
    void runPolicy(int policy);
    void runFocus() { runPolicy(m_selection->state().focus); }
    /// Every visible policy that is a replay.
    void runAll();
    void remove(int policy); ///< a run
    /// Where the model of what is opened next may be: what a session says.
    void suggestModel(const std::filesystem::path& model) { m_suggested = model; }
    /// Where the recorded model may be, likeliest first; entries may be empty.
    std::vector<std::filesystem::path> models() const
    {
        return {m_workspace->sources().model, m_workspace->runs()->model(), m_suggested};
    }

private:
    void start(std::vector<PolicySpec> policies);
    void askForModel(const QString& sentence);
    void say(const QString& sentence);

    Workspace* m_workspace;
    views::Selection* m_selection;
    Band* m_messages;
    QWidget* m_window;
    std::filesystem::path m_suggested;
    std::vector<PolicySpec> m_wanted; ///< of the latest start
};

} // namespace winnow::app
