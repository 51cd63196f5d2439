// SPDX-License-Identifier: GPL-3.0-or-later
// What the full cache does at the step at hand: the measure of caches that evict, which run beside it.
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

/// The full cache of a text of `tokens`, bit for bit, which writes to `steps` (one per layer; outlives it). Costs the rows of one
/// step of all layers, and the attention of a step once more.
std::unique_ptr<LayerCache> watchedFullCache(int tokens, FullSteps& steps);

} // namespace winnow
