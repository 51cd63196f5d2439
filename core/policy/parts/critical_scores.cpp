#include "core/policy/parts/critical_scores.h"

#include <limits>

namespace winnow {

namespace {

class CriticalScorer final : public PromptScorer {
public:
    CriticalScorer(std::shared_ptr<const PromptScorer> base, double share, double epsilon)
        : m_base(std::move(base)), m_share(share), m_epsilon(epsilon)
    {
    }

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        auto base = m_base->scores(layer, units, question);
        // What the base scorer leaves to the protection counts as its best, as in the reference.
        base = at::where(base.isnan(), at::nan_to_num(base, 0).max() + 1, base);
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

} // namespace

std::shared_ptr<const PromptScorer> criticalScores(std::shared_ptr<const PromptScorer> base, double share, double epsilon)
{
    return std::make_shared<CriticalScorer>(std::move(base), share, epsilon);
}

} // namespace winnow
