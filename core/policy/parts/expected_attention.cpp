#include "core/policy/parts/expected_attention.h"

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
        const auto queries = layer.plainQueries().slice(1, sinks).to(at::kDouble); // [Hq, n, d]
        const auto rotation = meanRotation(layer, layer.prompt(), layer.prompt() + m_options.future);
        const auto mean = queries.mean(1), centered = queries - mean.unsqueeze(1);
        const auto covariance = at::matmul(centered.transpose(1, 2), centered) / queries.size(1);
        const auto turned = at::matmul(mean, rotation.t());
        const auto spread = at::matmul(at::matmul(rotation, covariance), rotation.t());
        const auto keys = layer.keys().slice(1, sinks).to(at::kDouble).repeat_interleave(layer.group(), 0);
        const auto logits = m_options.covariance ? expectedLogits(turned, spread, keys, layer.logitScale())
                                                 : at::matmul(keys, turned.unsqueeze(-1)).squeeze(-1) * layer.logitScale();
        auto expected = units.ofQueryHeads(logits.softmax(-1));
        if (m_options.valueNorm) {
            const auto norms = layer.values().slice(1, sinks).to(at::kDouble).norm(2, {-1});
            expected = (expected + m_options.epsilon) * units.ofKeyHeads(norms);
        }
        scores.slice(1, sinks).copy_(expected);
        return scores;
    }

private:
    ExpectedAttention m_options;
};

} // namespace

at::Tensor expectedLogits(const at::Tensor& mean, const at::Tensor& covariance, const at::Tensor& keys, double scale)
{
    const auto linear = at::matmul(keys, mean.unsqueeze(-1)).squeeze(-1);
    const auto quadratic = (at::matmul(keys, covariance) * keys).sum(-1);
    return linear * scale + quadratic * (scale * scale / 2);
}

std::shared_ptr<const PromptScorer> expectedAttention(const ExpectedAttention& options)
{
    return std::make_shared<ExpectedScorer>(options);
}

} // namespace winnow
