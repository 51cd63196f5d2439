// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/keyformer.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"
#include "core/policy/seeded_hash.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

/// Drawn from the standard Gumbel distribution by a hash.
double gumbel(std::uint64_t hash)
{
    const double uniform = (static_cast<double>(hash >> 11U) + 0.5) * 0x1p-53;
    return -std::log(-std::log(uniform));
}

class LaneFlattened final : public LaneScorer {
public:
    LaneFlattened(const FlattenedAttention& options, int prompt) : m_options(options), m_prompt(prompt) {}
    void attach(const LaneVectors& vectors) override { m_seed = laneSeed(m_options.seed, vectors.lane); }
    bool wantsRow(bool, int) const override { return true; }
    void observe(int step, std::span<const std::int32_t> positions, std::span<const float> row) override
    {
        const double temperature = m_options.temperature + m_options.rise * std::max(0, step - std::max(0, m_prompt - 1));
        const std::uint64_t seed = mixed(m_seed, static_cast<std::uint64_t>(step));
        m_row.resize(row.size());
        double sum = 0, largest = -HUGE_VAL;
        for (std::size_t slot = 0; slot < row.size(); ++slot) {
            m_row[slot] = std::log(static_cast<double>(row[slot])); // a logit up to what all logits of the row have in common
            if (m_options.drawn)
                m_row[slot] += gumbel(mixed(seed, static_cast<std::uint64_t>(positions[slot])));
            largest = std::max(largest, m_row[slot]);
        }
        for (double& share : m_row)
            sum += share = std::exp((share - largest) / temperature);
        m_sums.resize(row.size(), 0.0);
        for (std::size_t slot = 0; slot < row.size(); ++slot)
            m_sums[slot] += m_row[slot] / sum;
    }
    std::span<const double> scores(int, std::span<const std::int32_t>) override { return m_sums; }
    void erased(std::span<const int> victims) override
    {
        for (auto victim = victims.rbegin(); victim != victims.rend(); ++victim)
            if (static_cast<std::size_t>(*victim) < m_sums.size())
                m_sums.erase(m_sums.begin() + *victim);
    }

private:
    FlattenedAttention m_options;
    int m_prompt;
    std::uint64_t m_seed = 0;
    std::vector<double> m_row, m_sums;
};

class FlattenedScorer final : public Scorer {
public:
    explicit FlattenedScorer(const FlattenedAttention& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int prompt) const override { return std::make_unique<LaneFlattened>(m_options, prompt); }

private:
    FlattenedAttention m_options;
};

} // namespace

std::shared_ptr<const Scorer> flattenedAttention(const FlattenedAttention& options)
{
    return std::make_shared<FlattenedScorer>(options);
}

const Preset& keyformerPreset()
{
    static const Preset preset{
        .info = {.name = "keyformer",
                 .title = "Keyformer",
                 .summary = "Keeps recent tokens and those with the largest accumulated attention, over rows flattened by Gumbel "
                            "noise and a rising temperature.",
                 .citation =
                     "Adnan, Arunkumar, Jain, Nair, Soloveychik, Kamath: Keyformer: KV Cache Reduction through Key Tokens "
                     "Selection for Efficient Generative Inference. MLSys 2024, arXiv 2403.09054.",
                 .reference = "d-matrix-ai/keyformer-llm",
                 .parameters = {shared_parameters::budget(),
                                {.id = "recent",
                                 .title = "Recent",
                                 .help = "Newest tokens that may not leave; 30 of 100 slots unless said.",
                                 .least = 0,
                                 .most = 1e6},
                                realParameter("tau", "Temperature", "Temperature of the prompt's rows.", 0.01, 1e6, "1"),
                                realParameter("rise", "Rise", "Added to the temperature with every later row.", 0, 1e6, "0.01"),
                                choiceParameter("noise", "Noise", "Whether Gumbel noise is drawn for every logit.",
                                                {"drawn", "none"}),
                                wholeParameter("seed", "Seed", "The same seed draws the same noise on every device.", 0,
                                               2147483647, "0"),
                                shared_parameters::positions("keep"),
                                shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The reference knows no grouped queries, which are reduced to one row first, and draws with torch's "
                     "generator. Without a prompt the temperature rises from the first token on."},
        .derive = [](const PolicySpec&, std::string_view, int slots) { return std::to_string(slots * 30 / 100); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.recent = spec.whole("recent");
                recipe.scorer = flattenedAttention({.temperature = spec.real("tau"),
                                                    .rise = spec.real("rise"),
                                                    .drawn = spec.value("noise") == "drawn",
                                                    .seed = static_cast<std::uint64_t>(spec.whole("seed"))});
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
