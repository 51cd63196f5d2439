// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/budgets.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

class UniformBudget final : public BudgetRule {
public:
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
    }
};

/// n = prompt, w = window, M = budget with window, B = M − w.
class PyramidBudget final : public BudgetRule {
public:
    PyramidBudget(PyramidFormula formula, double beta) : m_formula(formula), m_beta(beta) {}
    bool uniform() const override { return false; }
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        if (question.tokens < question.slots) // everything is kept
            return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
        switch (m_formula) {
        case PyramidFormula::Paper:
            return paper(question);
        case PyramidFormula::Code:
        case PyramidFormula::Adakv:
            return code(question);
        case PyramidFormula::Press:
            return press(question);
        }
        return {};
    }

private:
    std::vector<int> paper(const BudgetQuestion& q) const
    {
        const double average = q.slots - q.window, top = average / m_beta, bottom = 2 * average - top;
        const double step = q.modelLayers > 1 ? (bottom - top) / (q.modelLayers - 1) : 0;
        std::vector<int> slots;
        for (int layer = 0; layer < q.modelLayers; ++layer) {
            const double share = q.modelLayers > 1 ? bottom - step * layer : average;
            slots.push_back(q.window + std::min(static_cast<int>(std::nearbyint(share)), std::max(0, q.tokens - q.window)));
        }
        return slots;
    }
    std::vector<int> code(const BudgetQuestion& q) const
    {
        const int old = q.tokens - q.window, average = q.slots - q.window;
        // Shorter than twice the old slots: plain SnapKV.
        if ((m_formula == PyramidFormula::Code && q.tokens < 2 * average) || q.modelLayers < 2)
            return std::vector<int>(static_cast<std::size_t>(q.modelLayers), q.slots);
        int least = static_cast<int>(std::floor(average / m_beta)), most = 2 * average - least;
        if (most >= old) {
            most = old;
            least = 2 * average - most;
        }
        const int step = static_cast<int>(std::floor(static_cast<double>(most - least) / (q.modelLayers - 1)));
        std::vector<int> slots;
        for (int layer = 0; layer < q.modelLayers; ++layer)
            slots.push_back(q.window + most - layer * step);
        return slots;
    }

    std::vector<int> press(const BudgetQuestion& q) const
    {
        const double asked = q.slots; // the press adds the window first, and takes it off again
        double least = asked / m_beta, most = 2 * asked - least;
        if (most >= q.tokens - q.window) {
            most = q.tokens - q.window;
            least = 2 * asked - most;
        }
        if (!(q.tokens >= most && most >= least && least >= q.window) || q.modelLayers < 2)
            return std::vector<int>(static_cast<std::size_t>(q.modelLayers), q.slots);
        std::vector<int> slots;
        for (int layer = 0; layer < q.modelLayers; ++layer)
            slots.push_back(static_cast<int>(std::nearbyint(most - layer * (most - least) / (q.modelLayers - 1))));
        return slots;
    }

    PyramidFormula m_formula;
    double m_beta;
};

class SkippingBudget final : public BudgetRule {
public:
    SkippingBudget(int skipped, std::shared_ptr<const BudgetRule> rest) : m_skipped(skipped), m_rest(std::move(rest)) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        std::vector<int> slots = m_rest->slots(question);
        std::fill_n(slots.begin(), std::min(slots.size(), static_cast<std::size_t>(m_skipped)), question.tokens);
        return slots;
    }
    bool uniform() const override { return m_skipped == 0 && m_rest->uniform(); }

private:
    int m_skipped;
    std::shared_ptr<const BudgetRule> m_rest;
};

} // namespace

Division BudgetRule::divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const
{
    const std::vector<int> perLayer = slots(question);
    Division division;
    for (const PromptScores& layer : layers) {
        const int share = perLayer[static_cast<std::size_t>(layer.layer)];
        division.slots.insert(division.slots.end(), static_cast<std::size_t>(layer.units), share);
        if (!uniform())
            division.updates.push_back(share);
    }
    return division;
}

std::shared_ptr<const BudgetRule> skippingBudget(int skipped, std::shared_ptr<const BudgetRule> rest)
{
    return std::make_shared<SkippingBudget>(skipped, std::move(rest));
}
std::shared_ptr<const BudgetRule> uniformBudget() { return std::make_shared<UniformBudget>(); }
PyramidFormula pyramidFormula(std::string_view name)
{
    return name == "paper"   ? PyramidFormula::Paper
           : name == "code"  ? PyramidFormula::Code
           : name == "adakv" ? PyramidFormula::Adakv
                             : PyramidFormula::Press;
}
std::shared_ptr<const BudgetRule> pyramidBudget(PyramidFormula formula, double beta)
{
    return std::make_shared<PyramidBudget>(formula, beta);
}

} // namespace winnow
