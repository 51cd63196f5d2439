// SPDX-License-Identifier: GPL-3.0-or-later
// What a running text attends to. The transformer takes it from outside: the full cache below, or one that evicts.
#pragma once

#include "core/model/run/attention.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace winnow {

/// What one layer computed for the n positions of a chunk. Tensors lie on the layer's device, in the type that the model runs in,
/// and are valid during the call; what a cache keeps it copies.
struct CacheRows {
    at::Tensor queries;       ///< [Hq, n, d], before the rotary embedding
    at::Tensor keys;          ///< [Hkv, n, d], before the rotary embedding
    at::Tensor values;        ///< [Hkv, n, d]
    at::Tensor turnedQueries; ///< the same with the rotary embedding of the text's own positions
    at::Tensor turnedKeys;
};

/// For every chunk of a text, and in it for every layer in turn: append, then attend. Once per chunk, after its last layer:
/// settle. Or layer by layer (RunningText::advanceByLayer): for every layer, and in it for every chunk: append, then attend;
/// after the last layer: settle. One thread. Exceptions of Torch pass through; the transformer makes them errors.
class LayerCache {
public:
    virtual ~LayerCache() = default;
    /// Takes in the keys and values of a chunk.
    virtual void append(int layer, const CacheRows& rows) = 0;
    /// The attention of the chunk's queries over what the layer's cache holds, the chunk itself included. `wantLse`: the row
    /// normalizers are looked at.
    virtual AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) = 0;
    /// All layers have attended to `tokens` further positions; the cache may now evict slots.
    virtual void settle(int tokens) = 0;
};

/// Holds every key and value of a text of at most `tokens` positions: [Hkv, tokens, d] twice a layer, taken when the layer's
/// first rows come.
class FullCache final : public LayerCache {
public:
    explicit FullCache(int tokens) : m_room(tokens) {}
    void append(int layer, const CacheRows& rows) override;
    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override;
    void settle(int) override {}

    /// Keys with their rotary embedding, of all positions that were appended, [Hkv, positions, d]; not a copy.
    at::Tensor keys(int layer) const;

private:
    struct Held {
        at::Tensor keys, values; ///< [Hkv, room, d]
        std::int64_t end = 0;    ///< positions that were appended
    };

    std::int64_t m_room;
    std::vector<Held> m_layers;
};

std::unique_ptr<LayerCache> fullCache(int tokens);

} // namespace winnow
