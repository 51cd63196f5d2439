// SPDX-License-Identifier: GPL-3.0-or-later
// Several files opened or dropped at once: what they are, and what to do with them together. No Qt.
#pragma once

#include "app/cli/file_kind.h"
#include "core/base/job_context.h"

#include <filesystem>
#include <string>
#include <vector>

namespace winnow::app {

struct SortedFiles {
    std::vector<std::filesystem::path> models, texts, traces, replays, sessions, lifetimes, answers;
    std::string remark; ///< the sentence about the first path that could not be understood, or about those left out; "" = none
    std::size_t count() const
    {
        return models.size() + texts.size() + traces.size() + replays.size() + sessions.size() + lifetimes.size() +
               answers.size();
    }
};

/// Looks into every path (files: core/base rules of fileKind). An error only if nothing of it can be opened.
Result<SortedFiles> sortFiles(const std::vector<std::filesystem::path>& paths, const JobContext& job);

/// What dropping these would do, told from their names alone, so it may be asked on every mouse move.
std::string dropSentence(const std::vector<std::filesystem::path>& paths);

} // namespace winnow::app
