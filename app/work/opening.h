// SPDX-License-Identifier: GPL-3.0-or-later
// Reading what the user opened, in the background: traces and replays, put together where they belong together.
#pragma once

#include "app/work/stored_policies.h"
#include "core/base/job_context.h"
#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace winnow::app {

struct Opened {
    std::shared_ptr<const Trace> trace;                    ///< null if only a replay was opened and its trace was not found
    std::shared_ptr<const ReplayResult> replay;            ///< null if only a trace was opened, or no replay fits it
    std::shared_ptr<const ReplayResult> runs;              ///< policies that ran in the model; null likewise
    bool ownSpecs = false;                                 ///< the runs are those that a session keeps
    std::filesystem::path tracePath, replayPath, runsPath; ///< runsPath: of a file that holds all of the runs
    std::vector<StoredPolicies> files;                     ///< in which all of these policies lie
    std::string remark;                                    ///< one sentence where something was left out, else ""
};

/// `tracePath` may be empty: the trace that the first replay names is then opened too, if it is where the replay says or beside
/// the replay. The policies of several replays over the same tokens and layers stand side by side; others are left out.
/// `ownRuns`: runs that a session keeps; where they cannot be read, the remark says so.
Result<Opened> openFiles(const std::filesystem::path& tracePath, const std::vector<std::filesystem::path>& replayPaths,
                         const std::filesystem::path& ownRuns, const JobContext& job);

} // namespace winnow::app
