// SPDX-License-Identifier: GPL-3.0-or-later
// R-KV: important and not redundant. Cai et al. 2025, arXiv 2505.24133, section 3; Zefan-Cai/R-KV.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct RkvScores {
    int window = 8;         ///< last queries that vote; so many newest slots have no score
    int kernel = 7;         ///< of the max pooling; odd
    double mix = 0.07;      ///< weight of importance; redundancy gets the rest
    double threshold = 0.5; ///< cosine above which the latest similar key does not count as redundant
    bool scoreOrder =
        false; ///< neighbors and the latest similar key are taken in the authors' cache order, by score, not in text order
};
/// Reads keys and queries of the unit, no attention rows. Cost of a choice among n slots: n² dot products of keys at most, fewer
/// where keys are alike. Single precision.
std::shared_ptr<const Scorer> rkvScores(const RkvScores& options);

/// Redundancy of keys [n, d]: softmax over the columns' mean cosine to all others, each row's last one above the threshold left
/// out.
std::vector<float> keyRedundancy(std::span<const float> keys, int headDim, double threshold);

const Preset& rkvPreset();

} // namespace winnow
