// What every view is given to look at. Shared, immutable, replaced as a whole when something new is there.
#pragma once

#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <memory>

namespace winnow::views {

/// All members may be null: a view then shows its empty state. `replay` may be partial (PolicyReplay::stepsDone < tokens).
/// While recording, `info` is there before `trace` (tokens and text are known, rows are not).
struct ViewData {
    std::shared_ptr<const TraceInfo> info;
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<const ReplayResult> replay;
    int tokensRecorded = 0; ///< == tokens when the recording is finished
};

} // namespace winnow::views
