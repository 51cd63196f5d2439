// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evicting_cache.h"

#include "core/base/check.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace winnow {

EvictingCache::EvictingCache(const EvictingPlace& place)
{
    WINNOW_CHECK(place.plan.layers.size() == place.layers.size(), "{} of {} layers", place.plan.layers.size(),
                 place.layers.size());
    for (std::size_t layer = 0; layer < place.layers.size(); ++layer)
        m_layers.emplace_back(LayerPlace{.plan = place.plan,
                                         .policy = place.policy,
                                         .result = place.result,
                                         .layer = static_cast<int>(layer),
                                         .info = place.layers[layer],
                                         .table = place.tables.of(place.layers[layer]),
                                         .full = place.full ? &(*place.full)[layer] : nullptr,
                                         .tools = m_tools});
}

EvictingCache::~EvictingCache() = default;

void EvictingCache::append(int layer, const CacheRows& rows) { m_layers[static_cast<std::size_t>(layer)].append(rows); }

AttentionResult EvictingCache::attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse)
{
    EvictingLayer& at = m_layers[static_cast<std::size_t>(layer)];
    AttentionResult result = at.attend(rows, rule, wantLse);
    m_chunk.deciding += at.times().deciding;
    m_chunk.measuring += at.times().measuring;
    return result;
}

void EvictingCache::take(int layer, const CacheRows& rows)
{
    append(layer, rows);
    m_layers[static_cast<std::size_t>(layer)].see(rows);
}

void EvictingCache::settle(int)
{
    for (const EvictingLayer& layer : m_layers)
        m_chunk.bytesInUse += layer.bytesInUse();
    m_chunk.peakBytes = m_tools.bytes.most;
    m_chunk.heldBytes = m_tools.bytes.most = m_tools.bytes.now;
    m_cost = std::exchange(m_chunk, {});
}

std::int32_t EvictingCache::firstEviction() const
{
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (const EvictingLayer& layer : m_layers)
        first = std::min(first, layer.firstEviction());
    return first;
}

} // namespace winnow
