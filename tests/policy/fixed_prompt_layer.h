// SPDX-License-Identifier: GPL-3.0-or-later
// A layer at the end of the prompt whose numbers a test writes down.
#pragma once

#include "core/policy/prompt_layer.h"

namespace winnow::testing_support {

/// What is not set must not be asked for. Query heads = `attention`'s first dimension, or as many as KV heads.
class FixedPromptLayer : public PromptLayer {
public:
    at::Tensor keyRows, valueRows, attention, norms; ///< [Hkv, n, d], [Hkv, n, d], [Hq, n, n] causal rows, [Hq, n]
    at::Tensor queryRows;                            ///< rotated, [Hq, n, d]

    void finish()
    {
        keyHeads = keyRows.defined() ? static_cast<int>(keyRows.size(0)) : 1;
        queryHeads = attention.defined() ? static_cast<int>(attention.size(0))
                     : norms.defined()   ? static_cast<int>(norms.size(0))
                                         : keyHeads;
        headDim = keyRows.defined() ? static_cast<int>(keyRows.size(2)) : 1;
        tokens = static_cast<int>(keyRows.defined() ? keyRows.size(1) : attention.defined() ? attention.size(1) : norms.size(1));
        if (!keyRows.defined())
            keyRows = at::zeros({1, tokens, 1});
    }
    at::Tensor keys() override { return keyRows; }
    at::Tensor keyNorms() override { return lengthsOf(keyRows); }
    at::Tensor plainKeys() override { return keyRows; }
    at::Tensor values() override { return valueRows; }
    at::Tensor plainQueries() override { return {}; }
    at::Tensor queries() override { return queryRows; }
    at::Tensor valueOutputNorms() override { return norms; }
    at::Tensor rows(int count) override { return attention.slice(1, tokens - count); }
    at::Tensor logits(int begin, int end) override { return attention.slice(1, begin, end).log(); }
    at::Tensor receivedAttention() override { return attention.sum(1, false, at::kDouble); }
    std::pair<at::Tensor, at::Tensor> rotaryAt(int, int) override { return {}; }
    double logitScale() const override { return 1; }
    bool interleaved() const override { return false; }
};

/// Rows of numbers as a tensor [1, rows, columns].
inline at::Tensor oneHead(const std::vector<std::vector<double>>& rows)
{
    auto tensor = at::zeros({1, static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows.front().size())});
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < rows[r].size(); ++c)
            tensor[0][static_cast<std::int64_t>(r)][static_cast<std::int64_t>(c)] = rows[r][c];
    return tensor;
}

/// The first unit's scores.
inline std::vector<double> firstScores(const PromptScorer& scorer, PromptLayer& layer, Granularity granularity = Granularity::Kv,
                                       int slots = 0)
{
    const PromptUnits units{granularity, GroupReduction::Mean, layer.queryHeads, layer.keyHeads};
    const auto scores = scorer.scores(layer, units, {.slots = slots, .tokens = layer.tokens})[0].to(at::kDouble).contiguous();
    return {scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel()};
}

} // namespace winnow::testing_support
