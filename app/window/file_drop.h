// SPDX-License-Identifier: GPL-3.0-or-later
// Sorts files that are opened or dropped together by what they are. No Qt.
#pragma once

#include "app/cli/file_kind.h"
#include "core/base/job_context.h"

#include <filesystem>
#include <string>
#include <vector>

namespace winnow::app {

/// The paths by kind (app/cli/file_kind.h), in the order in which they came.
struct SortedFiles {
    std::vector<std::filesystem::path> models, texts, traces, replays, sessions, lifetimes, answers;
    /// A sentence for the user: what is wrong with the first path that is of no known kind, or which paths are left out; "" =
    /// none.
    std::string remark;
    std::size_t count() const
    {
        return models.size() + texts.size() + traces.size() + replays.size() + sessions.size() + lifetimes.size() +
               answers.size();
    }
};

/// Reads the first bytes of every path to find its kind (fileKind in app/cli/file_kind.h). Fails only if no path can be opened.
Result<SortedFiles> sortFiles(const std::vector<std::filesystem::path>& paths, const JobContext& job);

/// Says what a drop of these paths would do. Looks only at their names, so it can be called at every mouse move.
std::string dropSentence(const std::vector<std::filesystem::path>& paths);

} // namespace winnow::app
