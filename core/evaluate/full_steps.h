// SPDX-License-Identifier: GPL-3.0-or-later
// Attention and hidden states of the full cache at the current step. Policies run beside it, and are compared with it.
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
    std::vector<float> hidden;        ///< [hidden], what the layer hands to the next one; written by a Listener

    const float* row(int head) const
    {
        return &probabilities[static_cast<std::size_t>(head) * static_cast<std::size_t>(step + 1)];
    }
};

/// By layer. Written when a single token is run; chunks leave it as it is.
using FullSteps = std::vector<FullStep>;

/// `values`, of any type and on any device, as float32 on the host.
void copyFloats(const at::Tensor& values, std::vector<float>& to);

/// A full cache for a text of `tokens` that also writes to `steps` (one per layer; outlives it), all but the hidden states. Its
/// results equal those of FullCache bit for bit. Memory: the rows of one step of all layers. Cost: the attention of each step
/// once more.
std::unique_ptr<LayerCache> watchedFullCache(int tokens, FullSteps& steps);

} // namespace winnow
