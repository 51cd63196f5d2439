// SPDX-License-Identifier: GPL-3.0-or-later
// While something is recorded or replayed for the first time the playhead leads, unless the user has moved it.
#pragma once

#include "app/work/workspace.h"
#include "views/state/selection.h"

namespace winnow::app {

/// Both must outlive it. GUI thread.
class PlayheadLead {
public:
    PlayheadLead(const Workspace* workspace, views::Selection* selection) : m_workspace(workspace), m_selection(selection) {}

    void start() { m_step = 0; } ///< at step 0, before something new is opened
    void stop() { m_step = -1; } ///< the step was chosen
    void follow();               ///< goes on to the newest step, if the step is still the one set here

private:
    const Workspace* m_workspace;
    views::Selection* m_selection;
    int m_step = 0; ///< set here last
};

} // namespace winnow::app
