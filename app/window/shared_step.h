// SPDX-License-Identifier: GPL-3.0-or-later
// Carries the selection from one open recording to the next. Where the texts agree, step, token, brush and marks stand at the
// same text in both. Elsewhere each recording keeps its own. GUI thread.
#pragma once

#include "app/work/open_places.h"
#include "views/state/selection.h"

#include <QObject>

#include <filesystem>
#include <map>
#include <optional>

namespace winnow::app {

class TextMatch;

/// What is selected when another recording is shown. `now`: in the one that is left. `own`: in the other when it was left;
/// nothing where it is shown for the first time. Lanes, focus, reference and the state of the maps are those of `now`.
views::SelectionState carried(const views::SelectionState& now, const std::optional<views::SelectionState>& own,
                              const TextMatch& match);

class SharedStep : public QObject {
    Q_OBJECT
public:
    /// All must outlive this object. Make it when the window already follows `workspace`: the window takes the data first.
    SharedStep(OpenPlaces* places, Workspace* workspace, views::Selection* selection);

    /// Empties the selection for something that is opened, perhaps beside. What was selected comes back with its recording, at
    /// once where nothing comes of the other.
    void empty();

private:
    void remember();
    void carryTo(int place);

    OpenPlaces* m_places;
    Workspace* m_workspace;
    views::Selection* m_selection;
    std::map<std::filesystem::path, views::SelectionState> m_left; ///< by the file of the recording
    std::optional<views::SelectionState> m_emptied;                ///< until something is opened
    std::optional<views::SelectionState> m_next;                   ///< for the recording that is about to be shown
};

} // namespace winnow::app
