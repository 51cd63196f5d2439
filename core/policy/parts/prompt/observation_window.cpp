// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/observation_window.h"

#include <limits>

namespace winnow {

namespace {

class WindowScorer final : public PromptScorer {
public:
    explicit WindowScorer(const ObservationWindow& options) : m_options(options) {}

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        const int old = std::max(0, layer.tokens - m_options.window);
        auto scores = at::full({units.count(), layer.tokens}, std::numeric_limits<double>::quiet_NaN(),
                               layer.keys().options().dtype(at::kDouble));
        if (old == 0)
            return scores;
        const at::ScalarType type = typeOf(layer);
        auto rows = type == at::kFloat ? layer.rows(m_options.window).slice(2, 0, old).to(at::kDouble)
                                       : roundedRows(layer, m_options.window, type).slice(2, 0, old);
        if (m_options.weighsRows)
            rows = rows * at::arange(layer.tokens - rows.size(1), layer.tokens, rows.options()).unsqueeze(1);
        auto votes = m_options.mean || m_options.varianceWeight ? rows.mean(1) : rows.sum(1);
        if (m_options.varianceWeight)
            votes += *m_options.varianceWeight * rows.var(1, true);
        if (m_options.reduceFirst)
            votes = poolScores(units.ofQueryHeads(votes), m_options.kernel, m_options.pooling);
        else
            votes = units.ofQueryHeads(poolScores(votes, m_options.kernel, m_options.pooling));
        scores.slice(1, 0, old).copy_(votes);
        return scores;
    }

private:
    at::ScalarType typeOf(const PromptLayer& layer) const
    {
        using Numbers = ObservationWindow::Numbers;
        switch (m_options.numbers) {
        case Numbers::Float32:
            return at::kFloat;
        case Numbers::Model:
            return layer.modelType;
        case Numbers::Float16:
            return at::kHalf;
        case Numbers::Bfloat16:
            return at::kBFloat16;
        }
        return at::kFloat;
    }
    /// Rows of the last `count` queries in numbers of `type`, [Hq, count, n].
    static at::Tensor roundedRows(PromptLayer& layer, int count, at::ScalarType type)
    {
        const auto keys = layer.keys().to(type).repeat_interleave(layer.group(), 0);
        const auto queries = layer.queries().slice(1, layer.tokens - count).to(type);
        const auto logits = at::matmul(queries, keys.transpose(1, 2)) / (1 / layer.logitScale());
        const auto position = at::arange(layer.tokens, logits.options().dtype(at::kLong));
        const auto ahead = position.unsqueeze(0) > position.slice(0, layer.tokens - count).unsqueeze(1);
        return logits.masked_fill(ahead, -std::numeric_limits<float>::infinity()).softmax(-1, at::kFloat).to(type);
    }

    ObservationWindow m_options;
};

} // namespace

at::Tensor poolScores(const at::Tensor& scores, int kernel, Pooling pooling)
{
    if (kernel == 1)
        return scores;
    const int pad = kernel / 2;
    const auto batched = scores.unsqueeze(0);
    const auto pooled =
        pooling == Pooling::Average ? at::avg_pool1d(batched, kernel, 1, pad) : at::max_pool1d(batched, kernel, 1, pad);
    return pooled.squeeze(0);
}

std::shared_ptr<const PromptScorer> observationWindow(const ObservationWindow& options)
{
    return std::make_shared<WindowScorer>(options);
}

} // namespace winnow
