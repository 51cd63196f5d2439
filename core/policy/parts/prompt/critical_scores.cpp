// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/critical_scores.h"

#include "core/policy/parts/budget/adaptive_budget.h"

#include <limits>

namespace winnow {

namespace {

/// Base scores, and those times the reach of the value, float64 [units, n]. The product is made head by head, before the heads of
/// a layer become one.
std::pair<at::Tensor, at::Tensor> baseAndWeighted(const PromptScorer& base, double epsilon, PromptLayer& layer,
                                                  const PromptUnits& units, const BudgetQuestion& question)
{
    PromptUnits heads = units;
    if (units.granularity == Granularity::Layer)
        heads.granularity = Granularity::Kv;
    const auto scores = base.scores(layer, heads, question);
    const auto weighted = (scores + epsilon) * heads.ofQueryHeads(layer.valueOutputNorms()).to(at::kDouble);
    if (units.granularity != Granularity::Layer)
        return {scores, weighted};
    return {units.ofKeyHeads(scores), units.ofKeyHeads(weighted)};
}

class CriticalScorer final : public PromptScorer {
public:
    CriticalScorer(std::shared_ptr<const PromptScorer> base, double share, double epsilon)
        : m_base(std::move(base)), m_share(share), m_epsilon(epsilon)
    {
    }

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        auto [base, scores] = baseAndWeighted(*m_base, m_epsilon, layer, units, question);
        const auto asked = static_cast<std::int64_t>(question.slots * m_share);
        const auto first = std::min<std::int64_t>(m_share > 0 ? std::max<std::int64_t>(1, asked) : 0, layer.tokens);
        if (first > 0) {
            const auto best = std::get<1>(base.sort(true, 1, true)).slice(1, 0, first);
            scores.scatter_(1, best, std::numeric_limits<double>::infinity());
        }
        return scores;
    }

private:
    std::shared_ptr<const PromptScorer> m_base;
    double m_share, m_epsilon;
};

class CriticalAdaptiveScorer final : public PromptScorer {
public:
    CriticalAdaptiveScorer(std::shared_ptr<const PromptScorer> base, double share, double epsilon, double floor)
        : m_base(std::move(base)), m_share(share), m_epsilon(epsilon), m_floor(floor)
    {
    }

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        const auto made = baseAndWeighted(*m_base, m_epsilon, layer, units, question);
        const auto base = made.first.to(at::kCPU, at::kDouble).contiguous(), weighted = made.second.to(at::kCPU, at::kDouble);
        PromptScores heads{.layer = layer.layer, .units = units.count(), .tokens = layer.tokens, .begin = 0, .end = layer.tokens};
        heads.scores.assign(base.data_ptr<double>(), base.data_ptr<double>() + base.numel());
        const std::vector<int> budgets =
            adaptiveSlots({.form = AdaptiveBudget::Form::Safeguard, .floor = m_floor}, heads, question.slots, 0);
        const int safe = m_floor > 0 ? std::max(1, static_cast<int>(question.slots * m_floor)) : 0;
        // The chosen ones are lifted above all others, so that they are the largest of the layer: its budgets follow from them.
        const auto lift = weighted.max() - weighted.min() + 1;
        auto scores = weighted.clone();
        for (int unit = 0; unit < units.count(); ++unit) {
            const int slots = budgets[static_cast<std::size_t>(unit)],
                      first = std::min(slots, std::max(safe, static_cast<int>(m_share * slots)));
            const auto early = std::get<1>(base[unit].sort(true, 0, true)).slice(0, 0, first);
            const auto others = weighted[unit].index_fill(0, early, -std::numeric_limits<double>::infinity());
            const auto late = std::get<1>(others.sort(true, 0, true)).slice(0, 0, slots - first);
            scores[unit].index_add_(0, at::cat({early, late}), lift.expand({slots}));
        }
        return scores.to(layer.keys().device());
    }

private:
    std::shared_ptr<const PromptScorer> m_base;
    double m_share, m_epsilon, m_floor;
};

} // namespace

std::shared_ptr<const PromptScorer> criticalAdaptiveScores(std::shared_ptr<const PromptScorer> base, double share, double epsilon,
                                                           double floor)
{
    return std::make_shared<CriticalAdaptiveScorer>(std::move(base), share, epsilon, floor);
}

std::shared_ptr<const PromptScorer> criticalScores(std::shared_ptr<const PromptScorer> base, double share, double epsilon)
{
    return std::make_shared<CriticalScorer>(std::move(base), share, epsilon);
}

} // namespace winnow
