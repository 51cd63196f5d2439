// SPDX-License-Identifier: GPL-3.0-or-later
// Every head's attention as a small picture, to choose from. Values only; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/attention_source.h"

#include <vector>

namespace winnow::views {

struct HeadThumbs {
    int heads = 0; ///< query heads of the layer with most
    std::vector<std::vector<AttentionTile>>
        layers; ///< [recorded layers][query heads], side × side; NaN where nothing is read yet
};

/// `side` steps, evenly over the text, against as many bins of keys, the largest of a bin. Cost: one pass over the keys, and side
/// rows of every head. Errors: reading the trace, cancelled.
Result<HeadThumbs> headThumbs(const Trace& trace, int side, const JobContext& job);

} // namespace winnow::views
