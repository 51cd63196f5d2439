// SPDX-License-Identifier: GPL-3.0-or-later
// Starts closed-loop runs: the actions "Run this policy for real" and "Run all". Says why a run cannot start. Asks for the model
// where it is not found. GUI thread.
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

/// What a RunStarter works with. All must outlive it.
struct RunParts {
    Workspace* workspace;
    views::Selection* selection;
    views::PolicyList* policies; ///< whose menus ask for runs
    Band* messages;
};

class RunStarter : public QObject {
    Q_OBJECT
public:
    /// `window` is the parent of the dialog.
    RunStarter(const RunParts& parts, QWidget* window);

    /// `policy`: a row of what is shown, a replay or a run. A run is run again.
    void runPolicy(int policy);
    void runFocus() { runPolicy(m_selection->state().focus); }
    /// Runs every visible policy that is a replay.
    void runAll();
    void remove(int policy); ///< removes a run; `policy` as above
    /// Where a session says that its model is. It is one of models() afterwards.
    void suggestModel(const std::filesystem::path& model) { m_suggested = model; }
    /// Folders in which the recorded model may be, the likeliest first. Entries may be empty.
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
    std::vector<PolicySpec> m_wanted; ///< the policies of the latest start
    QString m_told;                   ///< the latest sentence about a run
};

} // namespace winnow::app
