// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory evictions really give back where keys and values lie in pages: a page is free once none of its tokens is kept.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/base/job_context.h"
#include "core/replay/replay_result.h"

#include <string>
#include <vector>

namespace winnow {

/// Of one policy after one step, with pages of `page` tokens that follow each other in the text. Sums run over lanes: a page of
/// each lane (the policy's: KV heads, or query heads where each keeps its own) counts by itself.
struct FreePages {
    std::string spec, title;
    int policy = 0; ///< number in the replay, from 0
    int step = 0, page = 16;
    std::int64_t pages = 0;       ///< of all lanes, the last one of each partly filled
    double evicted = 0;           ///< share of tokens × lanes that are not kept: what free slots alone promise
    std::int64_t freeByHead = 0;  ///< where every lane has its pages for itself
    std::int64_t freeByLayer = 0; ///< where the lanes of a layer share them: none of them keeps a token of the page
    std::int64_t freeByAll = 0;   ///< where all layers share them
    std::vector<std::int64_t> layerFreeByHead, layerFreeByLayer; ///< [layers], of the above
    std::vector<std::int64_t> layerPages;                        ///< [layers]

    double share(std::int64_t freed) const { return pages > 0 ? static_cast<double>(freed) / static_cast<double>(pages) : 0; }
};

/// `step`: below the policy's steps. Cost: one pass over lanes × tokens. Policies that select or merge keep what they store.
FreePages freePages(const PolicyReplay& policy, int step, int page);

} // namespace winnow
