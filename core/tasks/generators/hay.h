// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks of something hidden in prose: a needle in a haystack, and what the demo model was trained to find. Pure; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/tasks/generators/example.h"

namespace winnow::tasks {

struct HayOptions {
    std::string hay;                           ///< any text; repeated where it is too short
    std::vector<std::size_t> lengths = {1024}; ///< tokens that prompt and generation may have together
    std::vector<double> depths;                ///< per cent; empty: evenly from 0 to 100, one a sample
    std::size_t samples = 1;                   ///< for each length and depth (each length, where `depths` is empty)
    std::uint64_t seed = 42;
    /// Sentences to hide: the first is asked for, the others stand between. Empty: the usual one of San Francisco.
    std::vector<std::string> needles;
    std::string question, answer; ///< what is asked about the first needle, and what answers it; the usual ones where empty
    std::size_t turns = 1;        ///< lists: how many questions about the same context, at most eight
    std::size_t hidden = 1;       ///< how many needles, those of other cities behind the first, where `needles` is empty
};

/// Depths as kvpress and KVCache-Factory take them: `count` of them, evenly from 0 to 100, whole.
std::vector<double> evenDepths(std::size_t count);

/// `task`: needle, facts, lists or passages. Questions about one context follow each other, with one index. Every example begins
/// at another place of the hay, by the seed; needles are put behind the end of a sentence. Errors: a length that does not hold
/// what is hidden and asked. Cost: a few countings an example.
Result<std::vector<Example>> makeHidden(std::string_view task, const HayOptions& options, const TokenEnds& ends,
                                        const JobContext& job);

/// The questions about one context of those, number `index` of all, without making the others. `options.lengths` and `depths`
/// are not looked at; lengths are taken to ascend, as they do unless they are typed otherwise.
Result<std::vector<Example>> makeOneHidden(std::string_view task, const HayOptions& options, std::size_t length, double depth,
                                           std::size_t index, const TokenEnds& ends);

} // namespace winnow::tasks
