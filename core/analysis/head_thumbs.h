// SPDX-License-Identifier: GPL-3.0-or-later
// Every head's attention as a small picture, to choose from. Values only; any thread.
#pragma once

#include "core/base/job_context.h"
#include "core/trace/attention_source.h"

#include <vector>

namespace winnow {

inline constexpr int kHeadSide = 48; ///< cells of a small picture's side, in the window and in the figure "heads"

struct HeadThumbs {
    int heads = 0;                                  ///< query heads of the layer with most
    std::vector<std::vector<AttentionTile>> layers; ///< [chosen layers][query heads], side × side; NaN where nothing is read yet
    int side = 0;

    /// The step of a row, of a text of `tokens`.
    int stepOf(int row, int tokens) const
    {
        return static_cast<int>((2 * std::int64_t{row} + 1) * tokens / (2 * std::int64_t{side}));
    }
};

/// `side` steps, evenly over the text, against as many bins of keys, the largest of a bin, of the layers with these indices.
/// Cost: one pass over the keys, and side rows of every head. Errors: reading the trace, cancelled.
Result<HeadThumbs> headThumbs(const Trace& trace, const std::vector<int>& layers, int side, const JobContext& job);

} // namespace winnow
