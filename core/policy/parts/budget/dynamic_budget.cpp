// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/dynamic_budget.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

struct Vote {
    double score;
    int layer;
};

/// a // b of Python for a ≥ 0, b > 0: the floor of the exact quotient, which may lie below that of the rounded one.
double floorQuotient(double a, double b) { return std::round((a - std::fmod(a, b)) / b); }

class DynamicRule final : public BudgetRule {
public:
    explicit DynamicRule(const DynamicBudget& options) : m_options(options) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
    }
    bool uniform() const override { return false; }
    bool looksAtPrompt() const override { return true; }

    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        const int layerCount = static_cast<int>(layers.size());
        const bool fits =
            std::all_of(layers.begin(), layers.end(), [&](const PromptScores& layer) { return layer.tokens <= question.slots; });
        Division division;
        std::vector<int> stored;                              // slots besides the protected ones, of the layers seen
        std::vector<std::vector<std::vector<double>>> ranked; // [layer][unit], descending
        for (int l = 0; l < layerCount; ++l) {
            const PromptScores& layer = layers[static_cast<std::size_t>(l)];
            const int average = std::max(0, question.slots - (layer.tokens - layer.candidates()));
            stored.push_back(std::min(static_cast<int>(m_options.ratio * average), layer.candidates()));
            auto& units = ranked.emplace_back();
            double sum = 0;
            for (int unit = 0; unit < layer.units; ++unit) {
                const auto row = layer.of(unit);
                auto& sorted = units.emplace_back(row.begin(), row.end());
                std::sort(sorted.begin(), sorted.end(), std::greater<>());
                sum += std::accumulate(sorted.begin(), sorted.end(), 0.0);
            }
            if (m_options.normalizeScores && sum > 0)
                for (auto& unit : units)
                    for (double& score : unit)
                        score /= sum;
            if ((l + 1) % m_options.every != 0 && !(m_options.trimRest && l == layerCount - 1))
                continue;
            const int votes = average * layer.units * (l + 1);
            const auto revised = fits ? stored
                                      : dynamicSlots(winners(ranked, stored, votes), votes, stored.back(), average, layerCount,
                                                     l == layerCount - 1, m_options.residueLast);
            for (int j = 0; j <= l; ++j) // a layer cannot take back what it gave up
                stored[static_cast<std::size_t>(j)] =
                    std::min(stored[static_cast<std::size_t>(j)], revised[static_cast<std::size_t>(j)]);
            for (int j = 0; j < layerCount; ++j) {
                const PromptScores& other = layers[static_cast<std::size_t>(j)];
                division.updates.push_back(other.tokens - other.candidates() +
                                           (j <= l ? stored[static_cast<std::size_t>(j)] : other.candidates()));
            }
        }
        if (layerCount % m_options.every != 0 && !m_options.trimRest)
            for (int l = 0; l < layerCount; ++l) // what the layers hold that no revision reached
                division.updates.push_back(layers[static_cast<std::size_t>(l)].tokens -
                                           layers[static_cast<std::size_t>(l)].candidates() +
                                           stored[static_cast<std::size_t>(l)]);
        for (int l = 0; l < layerCount; ++l) {
            const PromptScores& layer = layers[static_cast<std::size_t>(l)];
            division.slots.insert(division.slots.end(), static_cast<std::size_t>(layer.units),
                                  layer.tokens - layer.candidates() + stored[static_cast<std::size_t>(l)]);
        }
        return division;
    }

private:
    /// How many of the strongest `votes` scores of all layers belong to each.
    std::vector<int> winners(const std::vector<std::vector<std::vector<double>>>& ranked, const std::vector<int>& stored,
                             int votes) const
    {
        std::vector<Vote> all;
        for (std::size_t layer = 0; layer < ranked.size(); ++layer)
            for (const auto& unit : ranked[layer]) {
                const std::size_t count =
                    m_options.allVote ? unit.size() : std::min(unit.size(), static_cast<std::size_t>(stored[layer]));
                for (std::size_t i = 0; i < count; ++i)
                    all.push_back({unit[i], static_cast<int>(layer)});
            }
        const auto count = std::min(all.size(), static_cast<std::size_t>(votes));
        std::nth_element(
            all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
            [](const Vote& a, const Vote& b) { return a.score > b.score || (a.score == b.score && a.layer < b.layer); });
        std::vector<int> perLayer(ranked.size(), 0);
        for (std::size_t i = 0; i < count; ++i)
            ++perLayer[static_cast<std::size_t>(all[i].layer)];
        return perLayer;
    }

    DynamicBudget m_options;
};

} // namespace

std::vector<int> dynamicSlots(const std::vector<int>& winners, int votes, int cap, int average, int modelLayers, bool last,
                              bool residueLast)
{
    const int seen = static_cast<int>(winners.size());
    std::vector<int> counts;
    for (const int count : winners)
        counts.push_back(count / seen);
    if (last && residueLast)
        counts.back() += std::max(0, votes / modelLayers - std::accumulate(counts.begin(), counts.end(), 0));
    const int all = std::accumulate(counts.begin(), counts.end(), 0);
    const int needed = average * modelLayers;
    std::vector<int> slots(winners.size(), 0);
    if (all == 0) {
        std::fill(slots.begin(), slots.end(), needed / seen);
    } else {
        for (std::size_t j = 0; j < slots.size(); ++j)
            slots[j] = static_cast<int>(static_cast<float>(cap) * (static_cast<float>(counts[j]) / static_cast<float>(all)));
        const double scale = static_cast<double>(std::accumulate(slots.begin(), slots.end(), 0)) / needed;
        std::vector<std::pair<double, std::size_t>> remainders;
        for (std::size_t j = 0; j < slots.size(); ++j) {
            const double exact = scale > 0 ? slots[j] / scale : static_cast<double>(needed) / seen;
            slots[j] = static_cast<int>(scale > 0 ? floorQuotient(slots[j], scale) : exact);
            remainders.emplace_back(exact - slots[j], j);
        }
        int residue = needed - std::accumulate(slots.begin(), slots.end(), 0);
        if (!residueLast) {
            std::stable_sort(remainders.begin(), remainders.end(),
                             [](const auto& a, const auto& b) { return a.first > b.first; });
            for (std::size_t i = 0; residue > 0; ++i, --residue)
                ++slots[remainders[i % remainders.size()].second];
        }
        slots.back() += residue;
    }
    return slots;
}

std::shared_ptr<const BudgetRule> dynamicBudget(const DynamicBudget& options) { return std::make_shared<DynamicRule>(options); }

} // namespace winnow
