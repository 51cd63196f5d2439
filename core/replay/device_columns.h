// SPDX-License-Identifier: GPL-3.0-or-later
// The attention that tokens received, by a GPU: from queries, keys and row normalizers, without the attention matrix. Free of
// Torch.
#pragma once

#include "core/device/gpu.h"
#include "core/trace/trace.h"

#include <span>
#include <vector>

namespace winnow {

/// Rows of a layer, n tokens, rotated, float32.
struct ColumnRows {
    std::span<const float> keys;    ///< [KV heads, n, d]
    std::span<const float> queries; ///< not scaled, [query heads, n, d]
    std::span<const float> lse;     ///< [query heads, n]
    int tokens = 0;
};

/// What each token received from all queries that see it, [query heads, n]. Takes less of the GPU's memory than a layer's walk.
/// Waits. Errors: those of `gpu`.
Result<std::vector<double>> receivedAttentionBy(Gpu& gpu, const LayerInfo& layer, const ColumnRows& rows);

} // namespace winnow
