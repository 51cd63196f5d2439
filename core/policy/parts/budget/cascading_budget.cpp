// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/cascading_budget.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

class CascadingRule final : public BudgetRule {
public:
    explicit CascadingRule(bool cascades) : m_cascades(cascades) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
    }
    bool uniform() const override { return false; }
    bool looksAtPrompt() const override { return true; }

    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        Division division;
        std::vector<double> preferences;
        std::vector<int> given, stored; // by the latest revision; of that what is still there
        for (std::size_t l = 0; l < layers.size(); ++l) {
            const PromptScores& layer = layers[l];
            const int window = windowOf(layer), average = std::max(0, question.slots - window);
            const bool untouched = layer.tokens <= question.slots + window; // then every layer gets the same
            preferences.push_back(layer.preference);
            given.push_back(untouched ? average : layer.candidates());
            stored.push_back(layer.candidates());
            if (!untouched && (m_cascades || l + 1 == layers.size())) {
                const auto revised = cascadedSlots(preferences, average * static_cast<int>(layers.size()), layer.candidates());
                for (std::size_t j = 0; j < given.size(); ++j) {
                    given[j] = std::min(revised[j], layers[j].candidates());
                    stored[j] = std::min(stored[j], given[j]);
                }
            }
            if (m_cascades || l + 1 == layers.size())
                for (std::size_t j = 0; j < layers.size(); ++j)
                    division.updates.push_back(j < given.size() ? given[j] + windowOf(layers[j]) : layers[j].tokens);
        }
        for (std::size_t l = 0; l < layers.size(); ++l) {
            const int window = windowOf(layers[l]);
            division.slots.insert(division.slots.end(), static_cast<std::size_t>(layers[l].units), given[l] + window);
            division.atPromptEnd.insert(division.atPromptEnd.end(), static_cast<std::size_t>(layers[l].units),
                                        stored[l] + window);
        }
        return division;
    }

private:
    static int windowOf(const PromptScores& layer) { return layer.tokens - layer.candidates(); }

    bool m_cascades;
};

/// Adds `amount` (may be negative) evenly to the layers that `open` admits, the first ones getting the remainder.
template <class Open>
void spread(std::vector<int>& slots, int amount, const Open& open)
{
    std::vector<std::size_t> layers;
    for (std::size_t j = 0; j < slots.size(); ++j)
        if (open(slots[j]))
            layers.push_back(j);
    if (layers.empty())
        return;
    const int count = static_cast<int>(layers.size()), sign = amount < 0 ? -1 : 1;
    for (int i = 0; i < count; ++i)
        slots[layers[static_cast<std::size_t>(i)]] += sign * (std::abs(amount) / count + (i < std::abs(amount) % count));
}

} // namespace

std::vector<int> cascadedSlots(const std::vector<double>& preferences, int total, int cap)
{
    const double all = std::accumulate(preferences.begin(), preferences.end(), 0.0);
    std::vector<int> slots;
    int excess = 0;
    for (const double preference : preferences) {
        const int slot = all > 0 ? static_cast<int>(total * preference / all) : total / static_cast<int>(preferences.size());
        excess += std::max(0, slot - cap);
        slots.push_back(std::min(slot, cap));
    }
    const auto belowCap = [cap](int slot) { return slot < cap; };
    if (excess > 0)
        spread(slots, excess, belowCap);
    const int missing = total - std::accumulate(slots.begin(), slots.end(), 0);
    if (missing > 0)
        spread(slots, missing, belowCap);
    else if (missing < 0)
        spread(slots, missing, [](int slot) { return slot > 1; });
    return slots;
}

std::shared_ptr<const BudgetRule> cascadingBudget(bool cascades) { return std::make_shared<CascadingRule>(cascades); }

} // namespace winnow
