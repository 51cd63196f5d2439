#include "core/policy/budgets.h"

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
        return m_formula == PyramidFormula::Paper ? paper(question) : code(question);
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
        // Shorter than the budget: everything is kept. Shorter than twice the old slots: plain SnapKV.
        if (q.tokens < q.slots || q.tokens < 2 * average || q.modelLayers < 2)
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

    PyramidFormula m_formula;
    double m_beta;
};

} // namespace

std::shared_ptr<const BudgetRule> uniformBudget() { return std::make_shared<UniformBudget>(); }
std::shared_ptr<const BudgetRule> pyramidBudget(PyramidFormula formula, double beta)
{
    return std::make_shared<PyramidBudget>(formula, beta);
}

} // namespace winnow
