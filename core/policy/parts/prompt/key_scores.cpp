// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/key_scores.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

class KeyNorm final : public PromptScorer {
public:
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        return units.ofKeyHeads(layer.keyNorms().neg());
    }
};

class KeyDifference final : public PromptScorer {
public:
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        const auto lengths = layer.keyNorms().clamp_min(1e-12);
        const auto anchor =
            at::matmul(lengths.reciprocal().to(at::kFloat).unsqueeze(1), layer.keys()) / layer.tokens; // [Hkv, 1, d]
        const auto products = at::matmul(layer.keys(), anchor.transpose(1, 2)).squeeze(-1).to(at::kDouble);
        return units.ofKeyHeads((products / (lengths * lengthsOf(anchor).clamp_min(1e-12))).neg());
    }
};

class LagRelative final : public PromptScorer {
public:
    LagRelative(int sinks, int lag, bool cross, bool rising) : m_sinks(sinks), m_lag(lag), m_cross(cross), m_rising(rising) {}

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        const int n = layer.tokens;
        const auto options = layer.keys().options().dtype(at::kDouble);
        if (n < m_sinks + 2 * m_lag) { // too short to compare: the newest stay
            auto scores = at::ones({units.count(), n}, options);
            if (n > m_sinks)
                scores.slice(1, m_sinks).copy_((at::arange(n - m_sinks, options) / (n - m_sinks)).expand({units.count(), -1}));
            return scores;
        }
        const int parts = (n - m_sinks) / m_lag;
        const auto spread = (part(layer.keys(), parts) + part(layer.values(), parts)) / 2; // [Hkv, parts − 1, lag]
        const auto ranks = m_cross ? spread : spread.argsort(true, -1, false).argsort(true, -1, false).to(at::kDouble) / m_lag;
        auto perHead = at::ones({layer.keyHeads, n}, options);
        const int compared = m_sinks + (parts - 1) * m_lag;
        perHead.slice(1, m_sinks, compared).copy_(ranks.flatten(1));
        if (m_rising)
            perHead.slice(1, compared).add_(at::arange(n - compared, options) / n);
        return units.ofKeyHeads(perHead);
    }

private:
    /// Softmax over the tokens of each part of the standard deviation over channels, in units of the next part's ranges.
    at::Tensor part(const at::Tensor& rows, int parts) const
    {
        const auto shaped =
            rows.to(at::kDouble).slice(1, m_sinks, m_sinks + parts * m_lag).view({rows.size(0), parts, m_lag, rows.size(2)});
        const auto reference = shaped.slice(1, 1), present = shaped.slice(1, 0, parts - 1);
        const auto least = reference.amin(2, true), most = reference.amax(2, true);
        const auto range = most - least; // a channel without one says nothing
        auto shares = (present - least).div_(range.masked_fill(range == 0, std::numeric_limits<double>::infinity()));
        shares.sub_(shares.mean(-1, true)); // what at::std does, in a third of its time
        return shares.square_().sum(-1).div_(std::max<std::int64_t>(1, shares.size(-1) - 1)).sqrt_().softmax(-1);
    }

    int m_sinks, m_lag;
    bool m_cross, m_rising;
};

} // namespace

std::shared_ptr<const PromptScorer> keyNorm() { return std::make_shared<KeyNorm>(); }
std::shared_ptr<const PromptScorer> keyDifference() { return std::make_shared<KeyDifference>(); }
std::shared_ptr<const PromptScorer> lagRelative(int sinks, int lag, bool cross, bool rising)
{
    return std::make_shared<LagRelative>(sinks, lag, cross, rising);
}

} // namespace winnow
