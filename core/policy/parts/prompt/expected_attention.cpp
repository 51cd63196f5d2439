// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/expected_attention.h"

#include <limits>

namespace winnow {

namespace {

/// The rotary embedding as a matrix [d, d], averaged over positions [begin, end).
at::Tensor meanRotation(PromptLayer& layer, int begin, int end)
{
    const auto [cosines, sines] = layer.rotaryAt(begin, end);
    const auto c = cosines.to(at::kDouble).mean(0), s = sines.to(at::kDouble).mean(0);
    const auto pairs = cosines.size(1);
    auto matrix = at::eye(layer.headDim, layer.keys().options().dtype(at::kDouble));
    if (pairs == 0)
        return matrix;
    const auto pair = at::arange(pairs, matrix.options().dtype(at::kLong));
    const auto a = layer.interleaved() ? 2 * pair : pair, b = layer.interleaved() ? 2 * pair + 1 : pair + pairs;
    matrix.index_put_({a, a}, c);
    matrix.index_put_({b, b}, c);
    matrix.index_put_({a, b}, s.neg());
    matrix.index_put_({b, a}, s);
    return matrix;
}

class ExpectedScorer final : public PromptScorer {
public:
    explicit ExpectedScorer(const ExpectedAttention& options) : m_options(options) {}

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        const int sinks = std::clamp(m_options.sinks - layer.first, 0, layer.tokens);
        const auto nan = std::numeric_limits<double>::quiet_NaN();
        auto scores = at::full({units.count(), layer.tokens}, nan, layer.keys().options().dtype(at::kDouble));
        if (sinks == layer.tokens)
            return scores;
        const auto keys = layer.keys().slice(1, sinks);            // [Hkv, n, d]
        const auto queries = layer.plainQueries().slice(1, sinks); // [Hq, n, d]
        const auto rotation = meanRotation(layer, layer.prompt(), layer.prompt() + m_options.future);
        const auto mean = queries.mean({1}, true, at::kDouble);
        const auto turned = at::matmul(mean.squeeze(1), rotation.t());
        auto spread = at::zeros({0});
        if (m_options.covariance) {
            const auto centered = queries - mean.to(queries.scalar_type());
            const auto covariance = at::matmul(centered.transpose(1, 2), centered).to(at::kDouble) / queries.size(1);
            spread = at::matmul(at::matmul(rotation, covariance), rotation.t());
        }
        const auto logits = expectedLogits(turned, spread, keys, layer.logitScale()).to(at::kDouble);
        auto expected = logits.softmax(-1);
        if (m_options.valueNorm) // head by head: the mean of products is not the product of means
            expected =
                (expected + m_options.epsilon) * lengthsOf(layer.values().slice(1, sinks)).repeat_interleave(layer.group(), 0);
        scores.slice(1, sinks).copy_(units.ofQueryHeads(expected));
        return scores;
    }

private:
    ExpectedAttention m_options;
};

} // namespace

at::Tensor expectedLogits(const at::Tensor& mean, const at::Tensor& covariance, const at::Tensor& keys, double scale)
{
    const auto keyHeads = keys.size(0), tokens = keys.size(1), d = keys.size(2), group = mean.size(0) / keyHeads;
    const auto means = mean.to(keys.scalar_type()).view({keyHeads, group, d}).transpose(1, 2);
    auto logits = at::matmul(keys, means) * scale; // [Hkv, n, group]
    if (covariance.numel() > 0) {
        // The matrices of a group's heads side by side, so that each key is read once.
        const auto spreads =
            covariance.to(keys.scalar_type()).view({keyHeads, group, d, d}).transpose(1, 2).reshape({keyHeads, d, group * d});
        const auto products = at::matmul(keys, spreads).view({keyHeads, tokens, group, d});
        logits += (products * keys.unsqueeze(2)).sum(-1) * (scale * scale / 2);
    }
    return logits.transpose(1, 2).reshape({mean.size(0), tokens});
}

std::shared_ptr<const PromptScorer> expectedAttention(const ExpectedAttention& options)
{
    return std::make_shared<ExpectedScorer>(options);
}

} // namespace winnow
