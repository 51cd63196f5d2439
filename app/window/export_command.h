// SPDX-License-Identifier: GPL-3.0-or-later
// "Copy as command": the line that makes the current view again. Pure; no Qt but the state it reads.
#pragma once

#include "core/analysis/figures/figure_catalog.h"
#include "views/notes/notes.h"
#include "views/plot/color_scale.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow::app {

/// The recording that a command has to make first, for the one that is shown goes with the window.
struct RecordParts {
    std::filesystem::path model, text;
    int tokens = 0;
    std::string dtype;
    bool isChat = false;                            ///< of the text as the model's chat template writes it
    std::optional<std::pair<int, int>> layers = {}; ///< these alone, first to last
    int number = 1;                                 ///< among the recordings of a command whose texts have the same name
};

/// The command that makes it, with " && " behind it, and the file that it writes, named by the text.
std::string recordText(const RecordParts& parts);
std::filesystem::path recordedFile(const RecordParts& parts);

struct CommandParts {
    std::filesystem::path trace;                ///< empty = not a file yet
    std::vector<std::filesystem::path> replays; ///< likewise; one after another
    std::optional<RecordParts> record = {};     ///< the trace is made by it
    std::vector<PolicySpec> policies;
    int prompt = 0;
    std::vector<Layer> layers = {};        ///< of the recording that the replay is of; empty = all
    std::vector<PolicySpec> runs;          ///< policies that ran in the model
    std::filesystem::path runsFile, model; ///< empty = not a file yet; the model's place, empty = not known
    FigureRequest figure;
};

/// One line for a POSIX shell. A figure made from a replay that is not a file yet is preceded by the replay that makes it, and
/// that by the recording; so are runs.
std::string commandText(const CommandParts& parts);

/// The request as it is to be said of the file, where only some of its layers are shown: lanes of a figure that reads the
/// recording count the file's layers, and all lanes are those that are shown.
FigureRequest ofWholeRecording(FigureRequest request, const TraceInfo& shown, const std::vector<Layer>& recorded);

/// Lines of Python that read the replay file with numpy alone: when every token left every lane, and what was kept after `step`
/// under the policy number `focus`. `replay` ends in .h5 (read with h5py) or .npz.
std::string numpySnippet(const std::filesystem::path& replay, int focus, std::string_view policy, int step);

/// " --layers 5,11"; "" for none, which stand for all.
std::string layerWords(const std::vector<Layer>& layers);

/// `word`, quoted where a shell needs it.
std::string shellWord(std::string_view word);

/// What the maps show, as the figure "retention": zoom, chosen lanes, visible policies, the scale of their colors. `maximized`:
/// the focus alone, or with a difference between the two that are compared.
FigureRequest retentionRequest(const views::ViewData& data, const views::SelectionState& state,
                               views::ScaleKind scale = views::ScaleKind::Linear, bool maximized = false);
/// What the deck shows, as the figure "kept": the step, chosen lanes, visible policies, the whole text, flags where notes are.
FigureRequest keptRequest(const views::ViewData& data, const views::SelectionState& state,
                          views::ScaleKind scale = views::ScaleKind::Linear, const std::vector<views::Note>& notes = {});
/// What the text shows, as the figure "text": the step, chosen lanes, the focused policy, and with `bars` the visible ones; the
/// brushed tokens where there are some.
FigureRequest textRequest(const views::ViewData& data, const views::SelectionState& state, bool bars = false);

} // namespace winnow::app
