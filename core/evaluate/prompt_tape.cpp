// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prompt_tape.h"

namespace winnow {

void PromptTape::append(int layer, const CacheRows& rows)
{
    if (m_rows.size() <= static_cast<std::size_t>(layer))
        m_rows.resize(static_cast<std::size_t>(layer) + 1);
    m_rows[static_cast<std::size_t>(layer)].push_back({.queries = rows.queries.clone(),
                                                       .keys = rows.keys.clone(),
                                                       .values = rows.values.clone(),
                                                       .turnedQueries = rows.turnedQueries.clone(),
                                                       .turnedKeys = rows.turnedKeys.clone()});
    m_full.append(layer, rows);
}

AttentionResult PromptTape::attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse)
{
    return m_full.attend(layer, rows, rule, wantLse);
}

void PromptTape::settle(int tokens)
{
    m_full.settle(tokens);
    m_count += tokens;
}

void PromptTape::fill(EvictingCache& cache) const
{
    for (std::size_t layer = 0; layer < m_rows.size(); ++layer)
        for (const CacheRows& chunk : m_rows[layer])
            cache.take(static_cast<int>(layer), chunk);
    cache.settle(m_count);
}

std::uint64_t PromptTape::bytesOf(const std::vector<LayerInfo>& layers, int tokens, int width)
{
    std::uint64_t numbers = 0; // of a token
    for (const LayerInfo& layer : layers)
        numbers +=
            static_cast<std::uint64_t>(2 * layer.queryHeads + 3 * layer.keyHeads) * static_cast<std::uint64_t>(layer.headDim);
    return numbers * static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(width);
}

} // namespace winnow
