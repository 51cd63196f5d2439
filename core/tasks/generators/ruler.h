// SPDX-License-Identifier: GPL-3.0-or-later
// RULER's tasks that need no text of others, in its wording, shape and lengths (NVIDIA/RULER c3f5e3b, scripts/data/synthetic; 500
// examples a task there). Other draws and other words than RULER's own scripts, so examples differ from theirs, not their kind.
// Pure; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/tasks/generators/example.h"

namespace winnow::tasks {

struct RulerOptions {
    std::size_t length = 4096; ///< tokens that prompt and generation may have together
    std::size_t samples = 1;
    std::uint64_t seed = 42;
    std::vector<std::string> words; ///< for cwe; empty: those of word_lists.h
};

/// `task`: niah_single_1, niah_multikey_2, niah_multikey_3, vt, cwe or fwe. As many sentences or words as fit, found by halving.
/// Example i depends on the seed, i and the length only. Errors: a task that is not made here, a length that holds not even the
/// smallest example. Cost: about 15 countings and one an example.
Result<std::vector<Example>> makeRuler(std::string_view task, const RulerOptions& options, const TokenCount& count,
                                       const JobContext& job);

} // namespace winnow::tasks
