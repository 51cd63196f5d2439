// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/quest.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

/// The numbers of the `count` largest of `values`, ascending; of equals the lower.
void largest(std::span<const double> values, std::size_t count, std::vector<int>& numbers)
{
    numbers.resize(values.size());
    std::iota(numbers.begin(), numbers.end(), 0);
    count = std::min(count, values.size());
    std::nth_element(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count), numbers.end(), [&](int a, int b) {
        const double x = values[static_cast<std::size_t>(a)], y = values[static_cast<std::size_t>(b)];
        return x > y || (x == y && a < b);
    });
    numbers.resize(count);
    std::sort(numbers.begin(), numbers.end());
}

void addFrom(std::vector<int>& numbers, int first)
{
    for (int& number : numbers)
        number += first;
}

class LaneQuest final : public LaneReader {
public:
    LaneQuest(const QuestPages& options, int budget, bool dense) : m_options(options), m_budget(budget), m_dense(dense) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    void read(int step, int first, std::span<const float>, std::vector<int>& pages) override
    {
        const int page = m_options.page, firstPage = first / page, there = step / page - firstPage + 1;
        const int count = std::max(m_options.least, std::min(m_budget, step + 1 - first) / page);
        if (!m_dense)
            learn(step);
        m_bounds.assign(static_cast<std::size_t>(there), 0.0);
        if (!m_dense && count < there)
            bound(firstPage);
        largest(m_bounds, static_cast<std::size_t>(m_dense ? there : count), pages);
        addFrom(pages, firstPage);
    }

private:
    /// Takes the keys of tokens up to `step` into their pages.
    void learn(int step)
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim), heads = static_cast<std::size_t>(m_vectors->keyHeads);
        const std::size_t width = heads * d;
        for (; m_known <= step; ++m_known) {
            const auto at = static_cast<std::size_t>(m_known / m_options.page) * width;
            if (at == m_least.size()) {
                m_least.resize(at + width, std::numeric_limits<float>::infinity());
                m_most.resize(at + width, -std::numeric_limits<float>::infinity());
            }
            for (std::size_t head = 0; head < heads; ++head) {
                const float* key = m_vectors->key(static_cast<int>(head), m_known);
                for (std::size_t c = 0; c < d; ++c) {
                    m_least[at + head * d + c] = std::min(m_least[at + head * d + c], key[c]);
                    m_most[at + head * d + c] = std::max(m_most[at + head * d + c], key[c]);
                }
            }
        }
    }
    /// Bounds of the pages from `first` on, into m_bounds.
    void bound(int first)
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim), keyHeads = static_cast<std::size_t>(m_vectors->keyHeads);
        const int heads = m_vectors->queryHeads, group = std::max(1, heads / m_vectors->keyHeads);
        const bool most = m_options.group == GroupReduction::Max;
        std::ranges::fill(m_bounds, most ? -std::numeric_limits<double>::infinity() : 0);
        m_ones.resize(m_bounds.size());
        for (int head = 0; head < heads; ++head) {
            const std::size_t at = (static_cast<std::size_t>(first) * keyHeads + static_cast<std::size_t>(head / group)) * d;
            pageBounds({m_vectors->query(head), d}, &m_least[at], &m_most[at], keyHeads * d, m_ones);
            for (std::size_t p = 0; p < m_bounds.size(); ++p) // a mean is in the order of its sum
                m_bounds[p] = most ? std::max(m_bounds[p], m_ones[p]) : m_bounds[p] + m_ones[p];
        }
    }

    QuestPages m_options;
    int m_budget;
    bool m_dense;
    const LaneVectors* m_vectors = nullptr;
    int m_known = 0;                      ///< tokens in the pages
    std::vector<float> m_least, m_most;   ///< [pages, KV heads, d]
    std::vector<double> m_bounds, m_ones; ///< by page; m_ones: of one query head
};

class QuestReader final : public Reader {
public:
    explicit QuestReader(const QuestPages& options) : m_options(options) {}
    std::unique_ptr<LaneReader> lane(const LaneInModel& lane, int slots) const override
    {
        return std::make_unique<LaneQuest>(m_options, slots, lane.lane.layer < m_options.denseLayers);
    }
    int pageTokens() const override { return m_options.page; }

private:
    QuestPages m_options;
};

class LaneTopK final : public LaneReader {
public:
    explicit LaneTopK(int budget) : m_budget(budget) {}
    bool wantsRow() const override { return true; }
    void read(int, int first, std::span<const float> row, std::vector<int>& pages) override
    {
        m_values.assign(row.begin(), row.end());
        largest(m_values, static_cast<std::size_t>(m_budget) + 1, pages);
        addFrom(pages, first);
    }

private:
    int m_budget;
    std::vector<double> m_values;
};

class TopKReader final : public Reader {
public:
    std::unique_ptr<LaneReader> lane(const LaneInModel&, int slots) const override { return std::make_unique<LaneTopK>(slots); }
    int pageTokens() const override { return 1; }
};

Recipe reading(const PolicySpec& spec, std::shared_ptr<const Reader> reader)
{
    Recipe recipe = recipeWithShared(spec, Acts::Never);
    recipe.reader = std::move(reader);
    recipe.budget = uniformBudget();
    return recipe;
}

} // namespace

void pageBounds(std::span<const float> query, const float* least, const float* most, std::size_t stride, std::span<double> bounds)
{
    constexpr std::size_t kTogether = 8; // a sum waits for itself, so those of several pages go side by side
    for (std::size_t begin = 0; begin < bounds.size(); begin += kTogether) {
        std::array<double, kTogether> some{};
        std::array<std::size_t, kTogether> at{};
        for (std::size_t i = 0; i < kTogether; ++i)
            at[i] = std::min(begin + i, bounds.size() - 1) * stride;
        for (std::size_t c = 0; c < query.size(); ++c)
            for (std::size_t i = 0; i < kTogether; ++i)
                some[i] += static_cast<double>(std::max(query[c] * least[at[i] + c], query[c] * most[at[i] + c]));
        std::copy_n(some.begin(), std::min(kTogether, bounds.size() - begin),
                    bounds.begin() + static_cast<std::ptrdiff_t>(begin));
    }
}

std::shared_ptr<const Reader> questPages(const QuestPages& options) { return std::make_shared<QuestReader>(options); }

const Preset& questPreset()
{
    static const Preset preset{
        .info = {.name = "quest",
                 .title = "Quest (selection)",
                 .summary =
                     "Keeps everything and reads part of it: at every step the pages whose keys could match the query best. "
                     "A selection, not an eviction; no memory is saved.",
                 .citation =
                     "Tang, Zhao, Zhu, Xiao, Kasikci, Han: Quest: Query-Aware Sparsity for Efficient Long-Context LLM Inference. "
                     "ICML 2024, arXiv 2406.10774.",
                 .reference = "mit-han-lab/Quest",
                 .acts = Acts::Never,
                 .parameters =
                     {shared_parameters::budget(),
                      wholeParameter("page", "Page", "Tokens of a page, which are read together.", 1, 4096, "16"),
                      wholeParameter("least", "Least pages", "Pages that every step reads, whatever the budget.", 1, 1e6, "3"),
                      wholeParameter("dense", "Dense layers", "Number of the lowest layers, which read everything.", 0, 1e6, "2"),
                      shared_parameters::keptPositions(), shared_parameters::group(), shared_parameters::granularity("query")},
                 .deviations = "The budget is what a step may read, in whole pages, rounded down; every token stays stored. "
                               "Steps of the prompt "
                               "read everything. In sliding-window layers pages out of reach take no part.",
                 .selects = true},
        .recipe =
            [](const PolicySpec& spec) {
                return reading(spec, questPages({.page = spec.whole("page"),
                                                 .least = spec.whole("least"),
                                                 .denseLayers = spec.whole("dense"),
                                                 .group = recipeWithShared(spec, Acts::Never).group}));
            },
    };
    return preset;
}

const Preset& topkPreset()
{
    static const Preset preset{
        .info =
            {.name = "topk",
             .title = "Top-k per step (oracle)",
             .summary =
                 "Reads the tokens that the step attends to most, as many as the budget and the newest: nothing with this budget "
                 "can keep more mass. A selection; all stays stored.",
             .acts = Acts::Never,
             .parameters = {shared_parameters::budget(), shared_parameters::keptPositions(),
                            shared_parameters::granularity("kv")},
             .deviations =
                 "An oracle, not a policy: it looks at the row before it chooses, and takes back at one step what it left out at "
                 "another. Steps of the prompt read everything.",
             .selects = true,
             .oracle = true},
        .recipe = [](const PolicySpec& spec) { return reading(spec, std::make_shared<TopKReader>()); },
    };
    return preset;
}

} // namespace winnow
