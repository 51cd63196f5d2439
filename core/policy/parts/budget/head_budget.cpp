// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/head_budget.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

class HeadRule final : public BudgetRule {
public:
    explicit HeadRule(double beta) : m_beta(beta) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots + question.window);
    }
    bool looksAtPrompt() const override { return true; }
    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        const auto perHead = headSlots(question.headScores, question.slots, m_beta);
        const std::size_t heads = perHead.size() / static_cast<std::size_t>(question.modelLayers);
        Division division;
        for (const PromptScores& layer : layers) {
            WINNOW_CHECK(heads % static_cast<std::size_t>(layer.units) == 0, "{} heads for {} units", heads, layer.units);
            const std::size_t group = heads / static_cast<std::size_t>(layer.units);
            for (std::size_t unit = 0; unit < static_cast<std::size_t>(layer.units); ++unit) {
                double sum = 0;
                for (std::size_t head = unit * group; head < (unit + 1) * group; ++head)
                    sum += perHead[static_cast<std::size_t>(layer.layer) * heads + head];
                const int slots = layer.tokens < question.slots
                                      ? layer.candidates() // a prompt that fits stays whole
                                      : static_cast<int>(std::nearbyint(sum / static_cast<double>(group)));
                division.slots.push_back(std::min(slots, layer.candidates()) + layer.tokens - layer.candidates());
            }
        }
        return division;
    }

private:
    double m_beta;
};

} // namespace

std::vector<int> headSlots(std::span<const double> scores, int budget, double beta)
{
    const double shared = std::floor(budget / beta), pool = shared * static_cast<double>(scores.size());
    std::vector<int> slots;
    for (const double score : scores)
        slots.push_back(static_cast<int>(std::nearbyint(score * pool + (budget - shared))));
    return slots;
}

std::shared_ptr<const BudgetRule> headBudget(double beta) { return std::make_shared<HeadRule>(beta); }

} // namespace winnow
