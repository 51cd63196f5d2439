// SPDX-License-Identifier: GPL-3.0-or-later
// The queries, keys and values of a prompt, kept after the model has read it once. Caches under any policy are filled from them.
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
    /// Fills `cache`, which is empty, as if the model had read the prompt with it, layer by layer. The attention that policies
    /// need is computed again.
    void fill(EvictingCache& cache) const;

    /// Bytes for a prompt of `tokens`, the full cache not counted. `width`: of a number.
    static std::uint64_t bytesOf(const std::vector<LayerInfo>& layers, int tokens, int width);

private:
    FullCache m_full;
    std::vector<std::vector<CacheRows>> m_rows; ///< [layers][chunks]
    int m_count = 0;                            ///< tokens
};

} // namespace winnow
