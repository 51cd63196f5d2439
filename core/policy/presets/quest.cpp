// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/quest.h"

#include "core/base/check.h"
#include "core/kernels/row_kernels.h"
#include "core/policy/lane_parts.h"
#include "core/policy/parameter_help.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

/// The numbers of the `count` largest of `values`, ascending; of equals the lower. At least `count` values must reach `known`;
/// the closer it is, the less there is to sort. `scratch`: room for the values.
void largest(std::span<const double> values, std::size_t count, double known, std::vector<double>& scratch,
             std::vector<int>& numbers)
{
    numbers.clear();
    scratch.resize(values.size());
    std::size_t candidates = 0;
    for (const double value : values) {
        scratch[candidates] = value;
        candidates += value < known ? 0 : 1;
    }
    WINNOW_CHECK(candidates >= count && count > 0, "{} of {} values reach {}", candidates, count, known);
    const auto last = scratch.begin() + static_cast<std::ptrdiff_t>(count) - 1;
    std::nth_element(scratch.begin(), last, scratch.begin() + static_cast<std::ptrdiff_t>(candidates), std::greater<>());
    const double bound = *last; // the lowest of them
    auto equals = std::count(scratch.begin(), last + 1, bound);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] > bound || (values[i] == bound && equals-- > 0))
            numbers.push_back(static_cast<int>(i));
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
        if (m_dense || count >= there) {
            pages.resize(static_cast<std::size_t>(there));
            std::iota(pages.begin(), pages.end(), firstPage);
            return;
        }
        m_bounds.resize(static_cast<std::size_t>(there));
        bound(firstPage);
        largest(m_bounds, static_cast<std::size_t>(count), reachedByLast(firstPage, count), m_scratch, pages);
        addFrom(pages, firstPage);
        m_last = pages;
    }

private:
    /// Takes the keys of tokens up to `step` into their pages.
    void learn(int step)
    {
        const auto d = static_cast<std::ptrdiff_t>(m_vectors->headDim);
        m_pages.resize(static_cast<std::size_t>(m_vectors->keyHeads));
        for (; m_known <= step; ++m_known)
            for (std::size_t head = 0; head < m_pages.size(); ++head) {
                std::vector<float>& pages = m_pages[head];
                const float* key = m_vectors->key(static_cast<int>(head), m_known);
                if (m_known % m_options.page == 0) {
                    pages.insert(pages.end(), key, key + d);
                    pages.insert(pages.end(), key, key + d);
                    continue;
                }
                float *most = &*(pages.end() - 2 * d), *least = most + d;
                for (std::ptrdiff_t c = 0; c < d; ++c) {
                    most[c] = std::max(most[c], key[c]);
                    least[c] = std::min(least[c], key[c]);
                }
            }
    }
    /// Bounds of the pages from `first` on, into m_bounds.
    void bound(int first)
    {
        const auto d = static_cast<std::size_t>(m_vectors->headDim), keyHeads = static_cast<std::size_t>(m_vectors->keyHeads);
        const std::size_t heads = static_cast<std::size_t>(m_vectors->queryHeads),
                          group = std::max<std::size_t>(1, heads / keyHeads);
        const bool most = m_options.group == GroupReduction::Max;
        std::ranges::fill(m_bounds, most ? -std::numeric_limits<double>::infinity() : 0);
        const std::size_t pages = m_bounds.size();
        m_ones.resize(group * pages);
        m_queries.resize(group * d);
        for (std::size_t head = 0; head < heads; head += group) {
            for (std::size_t i = 0; i < group; ++i)
                std::copy_n(m_vectors->query(static_cast<int>(head + i)), d, &m_queries[i * d]);
            pageBounds(m_queries, d, &m_pages[head / group][static_cast<std::size_t>(first) * 2 * d], pages, m_ones);
            for (std::size_t i = 0; i < group; ++i) // a mean is in the order of its sum
                for (std::size_t page = 0; page < pages; ++page) {
                    const auto one = static_cast<double>(m_ones[i * pages + page]);
                    m_bounds[page] = most ? std::max(m_bounds[page], one) : m_bounds[page] + one;
                }
        }
        for (double& bound : m_bounds) // numbers so large that they overflow bound nothing
            bound = std::isnan(bound) ? std::numeric_limits<double>::infinity() : bound;
    }
    /// What `count` bounds reach, by those of the pages that the last step read.
    double reachedByLast(int firstPage, int count) const
    {
        double least = std::numeric_limits<double>::infinity();
        int here = 0;
        for (const int page : m_last)
            if (page >= firstPage) {
                least = std::min(least, m_bounds[static_cast<std::size_t>(page - firstPage)]);
                ++here;
            }
        return here >= count ? least : -std::numeric_limits<double>::infinity();
    }

    QuestPages m_options;
    int m_budget;
    bool m_dense;
    const LaneVectors* m_vectors = nullptr;
    int m_known = 0;                         ///< tokens in the pages
    std::vector<std::vector<float>> m_pages; ///< [KV heads][pages, 2, d]: the most and the least of every channel
    std::vector<float> m_queries, m_ones;    ///< of the query heads of one KV head: [heads, d]; bounds [heads, pages]
    std::vector<double> m_bounds, m_scratch; ///< by page
    std::vector<int> m_last;                 ///< pages that the last step read, where it did not read all
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
        const std::size_t count = std::min(m_values.size(), static_cast<std::size_t>(m_budget) + 1);
        largest(m_values, count, -std::numeric_limits<double>::infinity(), m_scratch, pages);
        addFrom(pages, first);
    }

private:
    int m_budget;
    std::vector<double> m_values, m_scratch;
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

void pageBounds(std::span<const float> queries, std::size_t d, const float* pages, std::size_t count, std::span<float> bounds)
{
    // A channel where the query is positive is bounded by the most, the others by the least: one product with both.
    std::vector<float> sides(2 * queries.size());
    for (std::size_t query = 0; query < queries.size() / d; ++query)
        for (std::size_t c = 0; c < d; ++c) {
            const float channel = queries[query * d + c];
            sides[query * 2 * d + c] = std::max(channel, 0.0F);
            sides[query * 2 * d + d + c] = std::min(channel, 0.0F);
        }
    row_kernels::dotRows(sides.data(), queries.size() / d, 2 * d, pages, nullptr, count, 2 * d, bounds.data());
}

std::shared_ptr<const Reader> questPages(const QuestPages& options) { return std::make_shared<QuestReader>(options); }

const Preset& questPreset()
{
    static const Preset preset{
        .info =
            {.name = "quest",
             .title = "Quest (selection)",
             .summary = "Keeps everything and reads part of it: at every step the pages whose keys could match the query best. "
                        "A selection, not an eviction; no memory is saved.",
             .citation =
                 "Tang, Zhao, Zhu, Xiao, Kasikci, Han: Quest: Query-Aware Sparsity for Efficient Long-Context LLM Inference. "
                 "ICML 2024, arXiv 2406.10774.",
             .reference = "mit-han-lab/Quest",
             .acts = Acts::Never,
             .parameters =
                 {withHelp(shared_parameters::budget(),
                           "Tokens that a step may read, in whole pages, rounded down: a number, or a share of the text such as "
                           "25%."),
                  wholeParameter("page", "Page", "Tokens of a page, which are read together.", 1, 4096, "16"),
                  wholeParameter("least", "Least pages", "Pages that every step reads, whatever the budget.", 1, 1e6, "3"),
                  wholeParameter("dense", "Dense layers", "Number of the lowest layers, which read everything.", 0, 1e6, "2"),
                  shared_parameters::keptPositions(),
                  withHelp(shared_parameters::group(), "How the bounds of the query heads that read the same pages become one."),
                  shared_parameters::granularity("query")},
             .deviations = "Every token stays stored. Steps of the prompt read everything. In sliding-window layers pages out of "
                           "reach take no part.",
             .ties = "of equal bounds the older page is read; torch does not define which, so reference code may differ",
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
             .parameters = {withHelp(
                                shared_parameters::budget(),
                                "Tokens that a step may read beside the newest: a number, or a share of the text such as 25%."),
                            shared_parameters::keptPositions(), shared_parameters::granularity("kv")},
             .deviations =
                 "An oracle, not a policy: it looks at the row before it chooses, and takes back at one step what it left out at "
                 "another. Steps of the prompt read everything.",
             .ties = "of tokens with equal attention the older is read",
             .selects = true,
             .oracle = true},
        .recipe = [](const PolicySpec& spec) { return reading(spec, std::make_shared<TopKReader>()); },
    };
    return preset;
}

} // namespace winnow
