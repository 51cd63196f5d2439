// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/morphkv.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

class LaneVotes final : public LaneScorer {
public:
    explicit LaneVotes(const WindowVotes& options) : m_options(options) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsQuery(int promptLeft) const override { return promptLeft < m_options.window; }
    bool wantsRow(bool, int promptLeft) const override { return promptLeft < m_options.window; } // for its slots
    void observe(int, std::span<const std::int32_t> positions, std::span<const float>) override
    {
        if (m_rows.size() == static_cast<std::size_t>(m_options.window))
            m_rows.pop_front();
        auto& heads = m_rows.emplace_back();
        const int group = m_vectors->queryHeads / m_vectors->keyHeads;
        for (int head = 0; head < m_vectors->queryHeads; ++head)
            heads.push_back(shares(m_vectors->query(head), head / group, positions));
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        const std::size_t old = positions.size() - std::min(positions.size(), static_cast<std::size_t>(m_options.window));
        m_scores.assign(positions.size(), std::numeric_limits<double>::quiet_NaN());
        std::fill_n(m_scores.begin(), old, 0.0);
        m_votes.resize(old);
        for (const auto& heads : m_rows) {
            std::ranges::fill(m_votes, 0.0);
            for (const std::vector<double>& row : heads) {
                const double sum = std::accumulate(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(old), 0.0);
                for (std::size_t slot = 0; slot < old && sum > 0; ++slot)
                    m_votes[slot] = std::max(m_votes[slot], row[slot] / sum);
            }
            for (std::size_t slot = 0; slot < old; ++slot)
                m_scores[slot] = m_options.largest ? std::max(m_scores[slot], m_votes[slot]) : m_scores[slot] + m_votes[slot];
        }
        return m_scores;
    }
    void erased(std::span<const int> victims) override
    {
        for (auto& heads : m_rows)
            for (std::vector<double>& row : heads)
                for (auto victim = victims.rbegin(); victim != victims.rend(); ++victim)
                    if (static_cast<std::size_t>(*victim) < row.size()) // older rows do not know the newest slots
                        row.erase(row.begin() + *victim);
    }

private:
    /// The softmax of one query over the live slots.
    std::vector<double> shares(const float* query, int keyHead, std::span<const std::int32_t> positions) const
    {
        std::vector<double> row(positions.size());
        const double cap = static_cast<double>(m_vectors->softcap);
        for (std::size_t slot = 0; slot < row.size(); ++slot) {
            const float* key = m_vectors->key(keyHead, positions[slot]);
            float logit = 0;
            for (int c = 0; c < m_vectors->headDim; ++c)
                logit += query[c] * key[c];
            row[slot] = cap > 0 ? cap * std::tanh(static_cast<double>(logit) / cap) : static_cast<double>(logit);
        }
        const double largest = *std::ranges::max_element(row);
        for (double& share : row)
            share = std::exp(share - largest);
        return row;
    }

    WindowVotes m_options;
    const LaneVectors* m_vectors = nullptr;
    std::deque<std::vector<std::vector<double>>> m_rows; ///< of the newest queries: [query heads][slots], up to a factor
    std::vector<double> m_votes, m_scores;
};

class VotesScorer final : public Scorer {
public:
    explicit VotesScorer(const WindowVotes& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneVotes>(m_options); }

private:
    WindowVotes m_options;
};

} // namespace

std::shared_ptr<const Scorer> windowVotes(const WindowVotes& options) { return std::make_shared<VotesScorer>(options); }

const Preset& morphkvPreset()
{
    static const Preset preset{
        .info =
            {.name = "morphkv",
             .title = "MorphKV",
             .summary =
                 "Keeps a window of recent tokens and, of those before it, the ones that the window's queries attend to most.",
             .citation = "Ghadia, Kumar, Jain, Nair, Das: Dialogue Without Limits: Constant-Sized KV Caches for Extended "
                         "Responses in LLMs. ICML 2025, arXiv 2503.00979.",
             .reference = "ghadiaravi13/MorphKV",
             .parameters = {shared_parameters::budget(),
                            wholeParameter("window", "Window",
                                           "Newest queries, whose attention counts and whose tokens stay; part of the budget.", 1,
                                           1e6, "32"),
                            choiceParameter("fusion", "Fusion",
                                            "A token's score: the sum of the window's attention to it, or the largest value.",
                                            {"sum", "max"}),
                            shared_parameters::positions("keep"), shared_parameters::granularity("kv")},
             .deviations = "The reference chooses before a step attends, here it is at the end of the step before, which is the "
                           "same choice; it attends to one token more, the newest. Its merging of what leaves is not here. Votes "
                           "are by the recorded positions, whatever positions says."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.recent = spec.whole("window");
                recipe.scorer = windowVotes({.window = spec.whole("window"), .largest = spec.value("fusion") == "max"});
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
