// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/budget/whole_or_short.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

constexpr int kEverything = 1 << 30; ///< slots of a lane from which nothing ever leaves

/// Slots by what `isShort(layer, unit)` says of the layer at an index.
template <class IsShort>
Division division(std::span<const PromptScores> layers, int slots, const IsShort& isShort)
{
    Division made;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        int most = 0;
        for (int unit = 0; unit < layers[l].units; ++unit) {
            made.slots.push_back(isShort(l, unit) ? slots : kEverything);
            most = std::max(most, std::min(made.slots.back(), std::max(slots, layers[l].tokens)));
        }
        made.updates.push_back(most);
    }
    return made;
}

class LazyLayers final : public BudgetRule {
public:
    LazyLayers(double threshold, int spare) : m_threshold(threshold), m_spare(spare) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
    }
    bool uniform() const override { return false; }
    bool looksAtPrompt() const override { return true; }
    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        return division(layers, question.slots, [&](std::size_t l, int) {
            return m_threshold < 1 && layers[l].tokens > question.slots + m_spare && layers[l].preference > m_threshold;
        });
    }

private:
    double m_threshold;
    int m_spare;
};

class StreamingHeads final : public BudgetRule {
public:
    explicit StreamingHeads(double share) : m_share(share) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), question.slots);
    }
    bool uniform() const override { return false; }
    bool looksAtPrompt() const override { return true; }
    Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const override
    {
        const std::size_t units = static_cast<std::size_t>(layers.front().units),
                          group = question.headScores.size() / static_cast<std::size_t>(question.modelLayers) / units;
        WINNOW_CHECK(group > 0, "{} head scores for {} units", question.headScores.size(), units);
        std::vector<double> means;
        for (std::size_t head = 0; head < question.headScores.size(); head += group)
            means.push_back(std::accumulate(&question.headScores[head], &question.headScores[head] + group, 0.0) /
                            static_cast<double>(group));
        const std::vector<bool> streams = streamingHeads(means, m_share);
        return division(layers, question.slots, [&](std::size_t l, int unit) {
            return streams[static_cast<std::size_t>(layers[l].layer) * units + static_cast<std::size_t>(unit)];
        });
    }

private:
    double m_share;
};

} // namespace

std::vector<bool> streamingHeads(std::span<const double> scores, double share)
{
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    std::vector<bool> streams(scores.size(), false);
    const auto count = static_cast<std::size_t>(std::nearbyint(static_cast<double>(scores.size()) * share));
    for (std::size_t i = 0; i < std::min(count, order.size()); ++i)
        streams[order[i]] = true;
    return streams;
}

std::shared_ptr<const BudgetRule> lazyLayerBudget(double threshold, int spare)
{
    return std::make_shared<LazyLayers>(threshold, spare);
}
std::shared_ptr<const BudgetRule> streamingHeadBudget(double share) { return std::make_shared<StreamingHeads>(share); }

} // namespace winnow
