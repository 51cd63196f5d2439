// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of the full cache at the current step. Caches that evict run beside it and compute mass and error against it.
#pragma once

#include "core/model/run/layer_cache.h"

#include <memory>
#include <vector>

namespace winnow {

/// One layer at one step, on the host.
struct FullStep {
    int step = -1;                    ///< −1: none yet
    std::vector<float> probabilities; ///< [Hq, step + 1]; 0 where a sliding window hides a token
    std::vector<float> outputs;       ///< [Hq, d]

    const float* row(int head) const
    {
        return &probabilities[static_cast<std::size_t>(head) * static_cast<std::size_t>(step + 1)];
    }
};

/// By layer. Written when a single token is run; chunks leave it as it is.
using FullSteps = std::vector<FullStep>;

/// A full cache for a text of `tokens` that also writes to `steps` (one per layer; outlives it). Its results equal those of
/// FullCache bit for bit. Memory: the rows of one step of all layers. Cost: the attention of each step once more.
std::unique_ptr<LayerCache> watchedFullCache(int tokens, FullSteps& steps);

} // namespace winnow
