// SPDX-License-Identifier: GPL-3.0-or-later
// A recording of which only some layers are shown: those of the replay that is opened with it, or of one shape, because a result
// holds layers of one shape. Any thread, free of Qt.
#pragma once

#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace winnow {

struct ShownLayers {
    std::shared_ptr<const Trace> trace; ///< its indices count the layers that are shown; reads from the whole recording
    std::string remark;                 ///< one sentence where layers are left out that nobody chose, else ""
};

/// `replay`: what was opened with the recording, may be null; its layers are chosen where the recording holds them all. Without
/// one, of a recording whose layers differ in their numbers of heads, those of the shape that attends to the whole text; of
/// several such shapes, that of most layers.
ShownLayers shownLayers(const std::shared_ptr<const Trace>& trace, const ReplayResult* replay);

/// The recording with these layers alone, numbers of the model in ascending order; itself where they are all it holds.
std::shared_ptr<const Trace> withLayers(const std::shared_ptr<const Trace>& trace, const std::vector<Layer>& layers);
/// The recording with the layers of all the ranges, first to last, numbers of the model. Error: it does not hold one of them.
Result<std::shared_ptr<const Trace>> withLayers(const std::shared_ptr<const Trace>& trace,
                                                const std::vector<std::pair<int, int>>& ranges);
/// The layers of the file that it reads from, which may be more than it shows.
const std::vector<Layer>& recordedLayers(const Trace& trace);

} // namespace winnow
