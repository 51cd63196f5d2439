// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/layer_cache.h"

#include "core/base/check.h"

namespace winnow {

void FullCache::append(int layer, const CacheRows& rows)
{
    const auto index = static_cast<std::size_t>(layer);
    if (index >= m_layers.size())
        m_layers.resize(index + 1);
    Held& held = m_layers[index];
    const std::int64_t heads = rows.keys.size(0), size = rows.keys.size(2);
    const std::int64_t begin = held.end;
    held.end += rows.keys.size(1);
    WINNOW_CHECK(held.end <= m_room, "{} positions in a cache of {}", held.end, m_room);
    if (!held.keys.defined()) {
        held.keys = at::empty({heads, m_room, size}, rows.turnedKeys.options());
        held.values = at::empty({heads, m_room, size}, rows.values.options());
    }
    held.keys.slice(1, begin, held.end).copy_(rows.turnedKeys);
    held.values.slice(1, begin, held.end).copy_(rows.values);
}

AttentionResult FullCache::attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse)
{
    const Held& held = m_layers[static_cast<std::size_t>(layer)];
    return causalAttention(rows.turnedQueries, keys(layer), held.values.slice(1, 0, held.end), rule, wantLse);
}

at::Tensor FullCache::keys(int layer) const
{
    const Held& held = m_layers[static_cast<std::size_t>(layer)];
    return held.keys.slice(1, 0, held.end);
}

std::unique_ptr<LayerCache> fullCache(int tokens) { return std::make_unique<FullCache>(tokens); }

} // namespace winnow
