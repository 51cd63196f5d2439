// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/vector_scores.h"

#include "core/policy/parts/prompt/head_algebra.h"

#include <algorithm>

namespace winnow {

namespace {

class QueryFilterScorer final : public PromptScorer {
public:
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        const auto filters = queryFilters(layer.queries());
        const auto keys = layer.keys().to(at::kDouble).repeat_interleave(layer.group(), 0);
        return units.ofQueryHeads(at::matmul(keys, filters.unsqueeze(-1)).squeeze(-1));
    }
};

class CurScorer final : public PromptScorer {
public:
    explicit CurScorer(const CurLeverage& options) : m_options(options) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        using Of = CurLeverage::Of;
        const auto key = share(layer.keyNorms().square()), value = share(lengthsOf(layer.values()).square());
        const auto both = m_options.of == Of::Key     ? key
                          : m_options.of == Of::Value ? value
                          : m_options.of == Of::Mean  ? (key + value) / 2
                                                      : key * value;
        auto scores = inSharesOf(both, both.sum(1, true));
        scores.slice(1, 0, std::clamp(m_options.sinks - layer.first, 0, layer.tokens)).fill_(1);
        return units.ofKeyHeads(scores);
    }

private:
    /// Squared lengths [Hkv, n], in shares of their neighborhood's.
    at::Tensor share(const at::Tensor& squared) const
    {
        if (m_options.local == 0)
            return squared;
        const auto n = squared.size(1), missing = (m_options.local - n % m_options.local) % m_options.local;
        const auto parts = at::constant_pad_nd(squared, {0, missing}).view({squared.size(0), -1, m_options.local});
        return inSharesOf(parts, parts.sum(-1, true)).flatten(1).slice(1, 0, n);
    }
    /// Where the sum is zero (vectors of zeros, as pruned heads have them), nobody has a share.
    static at::Tensor inSharesOf(const at::Tensor& values, const at::Tensor& sum)
    {
        return values / sum.masked_fill(sum == 0, 1);
    }

    CurLeverage m_options;
};

} // namespace

at::Tensor queryFilters(const at::Tensor& queries)
{
    const auto q = queries.to(at::kDouble);
    const auto first = mainDirections(q); // the first right singular vector
    const auto sign = at::matmul(q, first.unsqueeze(-1)).sum({1, 2}).sign();
    return first * sign.unsqueeze(1);
}

std::shared_ptr<const PromptScorer> queryFilter() { return std::make_shared<QueryFilterScorer>(); }
std::shared_ptr<const PromptScorer> curLeverage(const CurLeverage& options) { return std::make_shared<CurScorer>(options); }

} // namespace winnow
