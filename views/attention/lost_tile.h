// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of one query head, cell by cell, with what a policy has lost of it. Values only; any thread.
#pragma once

#include "core/analysis/attended_tokens.h"

namespace winnow::views {

/// Attention with, per cell, whether the largest value in it belongs to a token that the policy had lost by then.
struct LostTile {
    AttentionTile tile;     ///< cells wholly in the future are NaN
    std::vector<bool> lost; ///< empty = no policy to compare with
    float largest = 0;      ///< of all cells
    int queriesPerRow = 1, keysPerColumn = 1;
};

struct LostTileQuery {
    AttentionQuery attention; ///< what is computed, into at most its rows × columns cells
    LosingLane by;            ///< says what is lost
    bool maskSinks = false;   ///< the first four keys are left out
};

/// Computes the attention of every pair of query and key once, block by block, and keeps the largest of a cell. Any thread.
Result<LostTile> lostTile(const Trace& trace, const LostTileQuery& query, const JobContext& job);

} // namespace winnow::views
