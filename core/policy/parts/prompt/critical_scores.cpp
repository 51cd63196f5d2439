// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/critical_scores.h"

#include "core/policy/parts/budget/adaptive_budget.h"

#include <limits>

namespace winnow {

namespace {

/// What the base scorer leaves to the protection counts as its best, as in the reference.
at::Tensor completed(const at::Tensor& scores) { return at::where(scores.isnan(), at::nan_to_num(scores, 0).max() + 1, scores); }

class CriticalScorer final : public PromptScorer {
public:
    CriticalScorer(std::shared_ptr<const PromptScorer> base, double share, double epsilon)
        : m_base(std::move(base)), m_share(share), m_epsilon(epsilon)
    {
    }

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        const auto base = completed(m_base->scores(layer, units, question));
        const auto norms = units.ofQueryHeads(layer.valueOutputNorms()).to(at::kDouble);
        auto scores = (base + m_epsilon) * norms;
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
        const auto base = completed(m_base->scores(layer, units, question)).to(at::kCPU, at::kDouble).contiguous();
        const auto weighted = (base + m_epsilon) * units.ofQueryHeads(layer.valueOutputNorms()).to(at::kCPU, at::kDouble);
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
