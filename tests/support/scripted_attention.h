// SPDX-License-Identifier: GPL-3.0-or-later
// A trace whose attention is written by hand: one layer, no rotary embedding, key i = e_i and query t = log of given weights,
// so that over any surviving slots the softmax is those weights, divided by their sum. Worked examples run on it as they stand.
#pragma once

#include "tests/support/synthetic_trace.h"

namespace winnow::testing_support {

/// weights[t][i]: what query t gives token i; a missing or zero entry counts as 1 (it must then have left, or not matter).
using WeightRows = std::vector<std::vector<double>>;

/// `heads`: one table per query head; all of them read one KV head.
inline SyntheticTrace scriptedTrace(const std::vector<WeightRows>& heads, int layers = 1)
{
    const int tokens = static_cast<int>(heads.front().size());
    SyntheticOptions options{.layers = layers,
                             .queryHeads = static_cast<int>(heads.size()),
                             .keyHeads = 1,
                             .headDim = tokens,
                             .tokens = tokens,
                             .rotaryDims = 0};
    SyntheticTrace trace = makeSynthetic(options);
    for (int layer = 0; layer < layers; ++layer) {
        trace.info.layerInfo[layer].scale = 1;
        auto& q = trace.q[layer];
        auto& k = trace.k[layer];
        std::fill(k.begin(), k.end(), 0.0F);
        for (int i = 0; i < tokens; ++i)
            k[static_cast<std::size_t>(i) * tokens + i] = 1;
        for (std::size_t h = 0; h < heads.size(); ++h)
            for (int t = 0; t < tokens; ++t)
                for (int i = 0; i < tokens; ++i) {
                    const auto& row = heads[h][t];
                    const double weight = i < static_cast<int>(row.size()) && row[i] > 0 ? row[i] : 1;
                    q[(h * tokens + t) * tokens + i] = static_cast<float>(std::log(weight));
                }
        attend(trace, static_cast<std::size_t>(layer));
    }
    return trace;
}

/// Rows without preference, for policies that do not look.
inline WeightRows plainRows(int tokens) { return WeightRows(tokens); }

} // namespace winnow::testing_support
