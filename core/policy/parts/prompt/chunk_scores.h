// SPDX-License-Identifier: GPL-3.0-or-later
// Chunks of neighboring tokens that stay or go together. Liu et al. 2025, arXiv 2502.00299; ChunkKVPress of NVIDIA/kvpress.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow {

/// Every token gets the mean of its chunk's scores; a short last chunk counts as one. `base` must score every token.
std::shared_ptr<const PromptScorer> chunkScores(std::shared_ptr<const PromptScorer> base, int chunk);

/// The best chunks stay while they fit; of equals the earlier. May leave slots unused.
std::shared_ptr<const Selector> wholeChunks(int chunk);

} // namespace winnow
