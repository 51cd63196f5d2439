// SPDX-License-Identifier: GPL-3.0-or-later
// What the CPU replay holds of one layer: keys and values of the whole trace, and one block of query rows with the full attention
// of these rows. The attention does not depend on any policy, so it is computed once for all of them.
#pragma once

#include "core/base/indices.h"
#include "core/base/large_vector.h"
#include "core/trace/rotary.h"
#include "core/trace/trace.h"

#include <cmath>
#include <memory>
#include <span>
#include <vector>

namespace winnow {

/// Keys and values of one layer, as float32. Immutable while policies walk. [Hkv, T, d] each.
struct LayerKeys {
    LayerInfo info;
    int tokens = 0, known = 0;                ///< T, and of how many the rows are here
    bool keepsPlain = false;                  ///< whether a policy reassigns positions
    std::shared_ptr<const RotaryTable> table; ///< of positions 0…T − 1

    std::span<const float> rotated() const { return part(0); } ///< keys at their recorded positions
    std::span<const float> values() const { return part(1); }
    std::span<const float> plain() const { return part(2); } ///< keys before the rotary embedding; empty unless kept
    const float* key(int kvHead, int token) const { return &rotated()[at(kvHead, token)]; }
    const float* plainKey(int kvHead, int token) const { return &plain()[at(kvHead, token)]; }
    const float* valueHead(int kvHead) const { return &values()[at(kvHead, 0)]; }

    static Result<LayerKeys> read(const Trace& trace, int layerIndex, bool keepPlain);
    /// Room for the rows; readTo brings them. Where `like` rotates alike, its table is shared.
    static LayerKeys room(const Trace& trace, int layerIndex, bool keepPlain, const LayerKeys* like = nullptr);
    /// The rows of the tokens known … end − 1, where there are such.
    Result<void> readTo(const Trace& trace, int layerIndex, int end);
    /// Bytes that `read` will hold.
    static std::size_t bytes(const LayerInfo& info, int tokens, bool keepPlain);

private:
    std::size_t at(int kvHead, int token) const
    {
        return (static_cast<std::size_t>(kvHead) * tokens + token) * static_cast<std::size_t>(info.headDim);
    }
    std::span<const float> part(std::size_t index) const
    {
        const std::size_t floats = at(info.keyHeads, 0);
        return index < 2 || keepsPlain ? std::span(m_rows).subspan(index * floats, floats) : std::span<const float>();
    }

    LargeVector<float> m_rows; ///< rotated keys, values, and plain keys if kept
};

/// Query rows [begin, end) of one layer and, where the policies need most of it, the tile P[h][t][i] = exp(logit − lse) for i <
/// end: the full attention of every query head. Cells with i > t or beyond a sliding window hold no attention and must not be
/// read. One object serves a layer: it is loaded block after block and keeps its memory.
struct QueryBlock {
    int begin = 0, end = 0;
    std::vector<float> queries;       ///< rotated, times the scale, [Hq, rows, d]
    std::vector<float> plainQueries;  ///< before the rotary embedding, times the scale; empty unless positions are reassigned
    std::vector<float> outputs;       ///< [Hq, rows, d]
    std::vector<float> lse;           ///< [Hq, rows]
    std::vector<float> probabilities; ///< [Hq, rows, end] once computeTile has run for every KV head
    bool hasTile = false;             ///< false: walkers compute the cells they need

    int rows() const { return end - begin; }
    std::size_t row(int head, int step) const { return static_cast<std::size_t>(head) * rows() + (step - begin); }
    const float* probability(int head, int step) const { return &probabilities[row(head, step) * static_cast<std::size_t>(end)]; }

    /// Reads the rows; with `tile`, makes room for the probabilities.
    Result<void> load(const Trace& trace, int layerIndex, const LayerKeys& keys, Position first, Position last, bool tile);
    /// Fills the probabilities of one KV head's query heads. Single-threaded, so that KV heads and layers can run side by side.
    void computeTile(const LayerKeys& keys, int kvHead);
};

/// logit → softcap · tanh(logit / softcap), where the layer has one.
inline float capped(float logit, float softcap) { return softcap > 0 ? softcap * std::tanh(logit / softcap) : logit; }

} // namespace winnow
