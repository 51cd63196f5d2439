// SPDX-License-Identifier: GPL-3.0-or-later
// The queries of the tokens that run together, as the row operations read them.
#pragma once

#include "core/trace/rotary.h"

#include <ATen/ATen.h>

#include <span>
#include <vector>

namespace winnow {

/// Of one layer at a time. After `show`, everything but makeTile may be called from several threads.
class StepQueries {
public:
    /// [Hq, n, d] before and after the rotary embedding of the text's own positions, not scaled.
    void show(const LayerInfo& info, const at::Tensor& plain, const at::Tensor& turned);

    /// Of the `index`-th token: rotated at the text's own position, times the scale, [d].
    const float* query(int head, int index) const { return &m_turned[at(head, index)]; }
    /// The same before the rotary embedding.
    const float* plainQuery(int head, int index) const { return &m_plain[at(head, index)]; }
    /// Floats between the queries of neighboring heads.
    std::size_t stride() const { return static_cast<std::size_t>(m_count) * static_cast<std::size_t>(m_headDim); }

    /// Logits of all tokens on `keys` [lanes, slots, d], which have their rotary embedding: softcap applied, nothing hidden.
    void makeTile(const at::Tensor& keys);
    bool hasTile() const { return m_tile.defined(); }
    /// The logits of one head and token, [slots]; the caller may overwrite them.
    float* tileRow(int head, int index) const;

private:
    std::size_t at(int head, int index) const
    {
        return (static_cast<std::size_t>(head) * static_cast<std::size_t>(m_count) + static_cast<std::size_t>(index)) *
               static_cast<std::size_t>(m_headDim);
    }

    int m_count = 0, m_headDim = 0;
    float m_softcap = 0;
    std::vector<float> m_plain, m_turned; ///< [Hq, n, d], times the scale
    at::Tensor m_tile;                    ///< [Hq, n, slots]
};

} // namespace winnow
