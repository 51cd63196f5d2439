// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/layer_cache.h"

#include "core/base/check.h"

#include <cstdint>
#include <vector>

namespace winnow {

namespace {

class FullCache final : public LayerCache {
public:
    explicit FullCache(int tokens) : m_room(tokens) {}

    void append(int layer, const CacheRows& rows) override
    {
        const auto index = static_cast<std::size_t>(layer);
        if (index >= m_layers.size())
            m_layers.resize(index + 1);
        Held& held = m_layers[index];
        const std::int64_t heads = rows.keys.size(0), end = m_length + rows.keys.size(1), size = rows.keys.size(2);
        WINNOW_CHECK(end <= m_room, "{} positions in a cache of {}", end, m_room);
        if (!held.keys.defined()) {
            held.keys = at::empty({heads, m_room, size}, rows.turnedKeys.options());
            held.values = at::empty({heads, m_room, size}, rows.values.options());
        }
        held.keys.slice(1, m_length, end).copy_(rows.turnedKeys);
        held.values.slice(1, m_length, end).copy_(rows.values);
    }

    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override
    {
        const Held& held = m_layers[static_cast<std::size_t>(layer)];
        const std::int64_t end = m_length + rows.keys.size(1);
        return causalAttention(rows.turnedQueries, held.keys.slice(1, 0, end), held.values.slice(1, 0, end), rule, wantLse);
    }

    void settle(int tokens) override { m_length += tokens; }

private:
    struct Held {
        at::Tensor keys, values; ///< [Hkv, room, d]; keys with their rotary embedding
    };

    std::int64_t m_room, m_length = 0;
    std::vector<Held> m_layers;
};

} // namespace

std::unique_ptr<LayerCache> fullCache(int tokens) { return std::make_unique<FullCache>(tokens); }

} // namespace winnow
