// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/adaptive_budget.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

/// How many of the `count` largest numbers of all rows together lie in each row; of equals the earlier ones.
std::vector<int> winnersPerRow(const std::vector<std::vector<double>>& rows, std::size_t count)
{
    std::vector<std::pair<int, std::size_t>> entries;
    for (std::size_t row = 0; row < rows.size(); ++row)
        for (std::size_t i = 0; i < rows[row].size(); ++i)
            entries.emplace_back(static_cast<int>(row), i);
    const auto value = [&](const auto& entry) { return rows[static_cast<std::size_t>(entry.first)][entry.second]; };
    count = std::min(count, entries.size());
    std::nth_element(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count), entries.end(),
                     [&](const auto& a, const auto& b) {
                         const double x = value(a), y = value(b);
                         return x > y || (x == y && a < b);
                     });
    std::vector<int> winners(rows.size(), 0);
    for (std::size_t i = 0; i < count; ++i)
        ++winners[static_cast<std::size_t>(entries[i].first)];
    return winners;
}

class AdaptiveRule final : public BudgetRule {
public:
    AdaptiveRule(const AdaptiveBudget& options, std::shared_ptr<const BudgetRule> perLayer)
        : m_options(options), m_perLayer(std::move(perLayer))
    {
    }
    std::vector<int> slots(const BudgetQuestion& question) const override { return m_perLayer->slots(question); }
    bool uniform() const override { return m_perLayer->uniform(); }
    bool looksAtPrompt() const override { return true; }
    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        const std::vector<int> shares = slots(question);
        Division division;
        for (const PromptScores& layer : layers) {
            const int share = shares[static_cast<std::size_t>(layer.layer)], kept = layer.tokens - layer.candidates();
            for (const int slot : adaptiveSlots(m_options, layer, share - kept, kept))
                division.slots.push_back(slot + kept);
            if (!uniform())
                division.updates.push_back(share);
        }
        return division;
    }

private:
    AdaptiveBudget m_options;
    std::shared_ptr<const BudgetRule> m_perLayer;
};

} // namespace

std::vector<int> adaptiveSlots(const AdaptiveBudget& options, const PromptScores& scores, int average, int protectedSlots)
{
    const int old = scores.candidates();
    if (average >= old)
        return std::vector<int>(static_cast<std::size_t>(scores.units), old);
    average = std::max(average, 0);
    std::vector<std::vector<double>> rows;
    for (int unit = 0; unit < scores.units; ++unit) {
        const auto row = scores.of(unit);
        auto& values = rows.emplace_back(row.begin(), row.end());
        if (options.form == AdaptiveBudget::Form::Paper && options.normalize) {
            std::vector<double> best = values;
            std::partial_sort(best.begin(), best.begin() + average, best.end(), std::greater<>());
            const double top = std::accumulate(best.begin(), best.begin() + average, 0.0),
                         all = std::accumulate(values.begin(), values.end(), 0.0);
            for (double& value : values)
                value *= all > 0 ? top / all : 1;
        }
        if (options.form == AdaptiveBudget::Form::Safeguard) {
            // At least one, where there is a floor: as in the press.
            const int least = options.floor > 0 ? std::max(1, static_cast<int>((average + protectedSlots) * options.floor)) : 0;
            const int safe = std::clamp(least - protectedSlots, 0, old);
            std::vector<std::size_t> order(values.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            const auto last = order.begin() + safe;
            std::nth_element(order.begin(), last, order.end(),
                             [&](std::size_t a, std::size_t b) { return row[a] > row[b] || (row[a] == row[b] && a < b); });
            std::for_each(order.begin(), last, [&](std::size_t best) { values[best] = std::numeric_limits<double>::infinity(); });
        }
    }
    std::vector<int> winners = winnersPerRow(rows, static_cast<std::size_t>(average) * rows.size());
    if (options.form == AdaptiveBudget::Form::Paper) {
        const int least = static_cast<int>(average * options.floor);
        const auto share = static_cast<float>(1 - options.floor); // single precision, as in the reference code
        for (int& count : winners)
            count =
                std::min(old, static_cast<int>(std::nearbyint(static_cast<float>(count) * share + static_cast<float>(least))));
    }
    return winners;
}

std::shared_ptr<const BudgetRule> adaptiveBudget(const AdaptiveBudget& options, std::shared_ptr<const BudgetRule> perLayer)
{
    return std::make_shared<AdaptiveRule>(options, std::move(perLayer));
}

} // namespace winnow
