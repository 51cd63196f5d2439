// SPDX-License-Identifier: GPL-3.0-or-later
// A prompt as the model computed it, kept: caches under any policy are filled from it, and the model reads the prompt once.
#pragma once

#include "core/evaluate/evicting_cache.h"

namespace winnow {

/// The full cache of a prompt of `tokens`, bit for bit, which also keeps the queries, keys and values of every layer. Memory: see
/// bytesOf.
class PromptTape final : public LayerCache {
public:
    explicit PromptTape(int tokens) : m_full(tokens) {}

    void append(int layer, const CacheRows& rows) override;
    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override;
    void settle(int tokens) override;

    /// Frees the full cache; nothing can be read any more, only filled.
    void finish() { m_full = FullCache(0); }
    /// What the prompt would have left in `cache`, which is empty. Policies that look at attention compute theirs.
    void fill(EvictingCache& cache) const;

    /// Bytes for a prompt of `tokens`, the full cache not counted. `width`: of a number.
    static std::uint64_t bytesOf(const std::vector<LayerInfo>& layers, int tokens, int width);

private:
    FullCache m_full;
    std::vector<std::vector<CacheRows>> m_rows; ///< [chunks][layers]
    std::vector<int> m_counts;                  ///< tokens of every chunk
};

} // namespace winnow
