// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/cam.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "core/policy/parts/step/attention_sums.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"
#include "core/policy/seeded_hash.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

bool happens(std::uint64_t hash, double probability) { return static_cast<double>(hash >> 11) * 0x1p-53 < probability; }

class SeepingScorer final : public PromptScorer {
public:
    explicit SeepingScorer(const SeepingValues& options)
        : m_options(options), m_votes(observationWindow({.window = options.window, .kernel = 1}))
    {
    }
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        return m_votes->scores(layer, units, question);
    }
    std::vector<std::vector<Merge>> merges(PromptLayer& layer, const PromptUnits& units) const override
    {
        std::vector<std::vector<Merge>> lists(static_cast<std::size_t>(units.count()));
        const int w = m_options.window, n = layer.tokens, first = static_cast<int>(std::ceil(m_options.first * n));
        if (first + w >= n)
            return lists;
        const auto attention = units.ofQueryHeads(layer.rows(w).to(at::kDouble).mean(1)).to(at::kCPU).contiguous();
        for (int unit = 0; unit < units.count(); ++unit) {
            const auto probabilities = seepProbabilities(
                {attention.data_ptr<double>() + static_cast<std::ptrdiff_t>(unit) * n, static_cast<std::size_t>(n)}, first, w);
            const std::uint64_t seed = laneSeed(m_options.seed, {.lane = {layer.layer, unit}});
            for (std::size_t i = 0; i < probabilities.size(); ++i) {
                const int from = first + static_cast<int>(i);
                const double share = m_options.drawn ? (happens(mixed(seed, i), probabilities[i]) ? 1 : 0) : probabilities[i];
                if (share > 0)
                    lists[static_cast<std::size_t>(unit)].push_back(
                        {.from = from, .into = from + 1, .count = w, .valueComes = static_cast<float>(share / w)});
            }
        }
        return lists;
    }

private:
    SeepingValues m_options;
    std::shared_ptr<const PromptScorer> m_votes;
};

class LaneLeaving final : public LaneSelector {
public:
    LaneLeaving(std::unique_ptr<LaneSelector> who, const LeavingValues& options, std::uint64_t seed)
        : m_who(std::move(who)), m_options(options), m_seed(seed)
    {
    }
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        m_who->choose(choice, victims);
        m_scores.assign(choice.scores.begin(), choice.scores.end());
        m_positions.assign(choice.positions.begin(), choice.positions.end());
        m_victims = victims;
    }
    void merges(const LaneSlots&, std::vector<Merge>& merges) override
    {
        for (const int victim : m_victims) {
            const double share = leavingShare(m_scores, m_victims, victim, m_options.spread, m_targets);
            const double goes =
                !m_options.drawn                                                                                           ? share
                : happens(mixed(m_seed, static_cast<std::uint64_t>(m_positions[static_cast<std::size_t>(victim)])), share) ? 1
                                                                                                                           : 0;
            for (const int into : m_targets)
                if (goes > 0)
                    merges.push_back({.from = victim,
                                      .into = into,
                                      .valueComes = static_cast<float>(goes / static_cast<double>(m_targets.size()))});
        }
    }

private:
    std::unique_ptr<LaneSelector> m_who;
    LeavingValues m_options;
    std::uint64_t m_seed;
    std::vector<double> m_scores; ///< of the last choice, as are these:
    std::vector<std::int32_t> m_positions;
    std::vector<int> m_victims, m_targets;
};

class LeavingSelector final : public Selector {
public:
    explicit LeavingSelector(const LeavingValues& options)
        : m_options(options), m_who(options.oldestLeaves ? oldest() : lowestScore())
    {
    }
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int regionSlots) const override
    {
        return std::make_unique<LaneLeaving>(m_who->lane(lane, regionSlots), m_options, laneSeed(m_options.seed, lane));
    }

private:
    LeavingValues m_options;
    std::shared_ptr<const Selector> m_who;
};

} // namespace

std::vector<double> seepProbabilities(std::span<const double> attention, int first, int window)
{
    std::vector<double> probabilities;
    const double best = first > 0 ? *std::max_element(attention.begin(), attention.begin() + first) : 0;
    for (int t = first + window; t < static_cast<int>(attention.size()); ++t) {
        const double largest = std::max(best, *std::max_element(attention.begin() + (t - window), attention.begin() + t));
        const double share = attention[static_cast<std::size_t>(t - window)] / largest;
        probabilities.push_back(std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0));
    }
    return probabilities;
}

std::shared_ptr<const PromptScorer> seepingValues(const SeepingValues& options)
{
    return std::make_shared<SeepingScorer>(options);
}

double leavingShare(std::span<const double> scores, std::span<const int> victims, int victim, int spread,
                    std::vector<int>& targets)
{
    targets.clear();
    auto gone = std::upper_bound(victims.begin(), victims.end(), victim);
    double sum = 0;
    for (int slot = victim + 1; slot < static_cast<int>(scores.size()) && static_cast<int>(targets.size()) < spread; ++slot) {
        if (gone != victims.end() && *gone == slot) {
            ++gone;
            continue;
        }
        targets.push_back(slot);
        sum += scores[static_cast<std::size_t>(slot)];
    }
    const double share = scores[static_cast<std::size_t>(victim)] * static_cast<double>(targets.size()) / sum;
    return targets.empty() || std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0);
}

std::shared_ptr<const Selector> leavingValues(const LeavingValues& options) { return std::make_shared<LeavingSelector>(options); }

namespace {

ParameterSpec drawParameter()
{
    return choiceParameter("draw", "Draw",
                           "expected: a share of the value equal to its merge probability is merged; seeded: all or nothing, "
                           "drawn with that probability.",
                           {"expected", "seeded"});
}
ParameterSpec seedParameter() { return wholeParameter("seed", "Seed", "For draw=seeded.", 0, 2147483647, "0"); }

constexpr std::string_view kCitation =
    "Zhang, Du, Luo, Zhong, Zhang, Liu, Ji: CaM: Cache Merging for Memory-efficient LLMs Inference. ICML 2024, openreview "
    "LCTmppB165.";

} // namespace

const Preset& camPreset()
{
    static const Preset preset{
        .info = {.name = "cam",
                 .title = "CaM",
                 .summary = "Merges values into those of the tokens that follow, in proportion to the attention they get, and "
                            "then evicts the least attended.",
                 .citation = kCitation,
                 .reference = "Zefan-Cai/KVCache-Factory",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::window("32"),
                                realParameter(
                                    "first", "First",
                                    "Share of the prompt, from its beginning, whose attention a token is compared with.", 0, 1,
                                    "0.1"),
                                drawParameter(), seedParameter(), shared_parameters::positions("keep"),
                                shared_parameters::group(), shared_parameters::granularity("query")},
                 .deviations =
                     "The reference draws whether a value goes; here the expectation is the default, so that runs repeat. As "
                     "there, values go "
                     "whether their token leaves or not, keys and the choice stay as they are. Mass counts tokens that stayed.",
                 .merges = true},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec,
                                             seepingValues({.window = spec.whole("window"),
                                                            .first = spec.real("first"),
                                                            .drawn = spec.value("draw") == "seeded",
                                                            .seed = static_cast<std::uint64_t>(spec.whole("seed"))}),
                                             uniformBudget());
                recipe.protection.window = spec.whole("window");
                recipe.merges = true;
                return recipe;
            },
    };
    return preset;
}

const Preset& camDecodePreset()
{
    static const Preset preset{
        .info =
            {.name = "cam-decode",
             .title = "CaM while decoding",
             .summary = "Keeps heavy hitters and recent tokens, as H2O; the value of an evicted token is merged into those of "
                        "the slots behind it, in proportion to its attention relative to theirs.",
             .citation = kCitation,
             .reference = "NVIDIA/kvpress, CAMPress",
             .parameters = {shared_parameters::budget(),
                            choiceParameter("base", "Base",
                                            "h2o: the smallest sum of attention goes; streaming: the oldest behind the sinks.",
                                            {"h2o", "streaming"}),
                            shared_parameters::sinks("0"),
                            wholeParameter("recent", "Recent", "Newest tokens that may not leave. Half the budget unless said.",
                                           0, 1e6, ""),
                            wholeParameter("spread", "Spread",
                                           "Most slots behind the evicted one that its value is divided among.", 1, 1e6, "32"),
                            shared_parameters::every(), drawParameter(), seedParameter(), shared_parameters::positions("keep"),
                            shared_parameters::group(), shared_parameters::granularity("kv")},
             .deviations = "The reference draws whether a value goes; here the expectation is the default, so that runs "
                           "repeat. It takes the "
                           "choice from any press, shared by the heads of a layer, with a probability for each head; here "
                           "the choice is by the "
                           "sums that the probability is made of, or by age, and heads decide as granularity says. It counts "
                           "rows from the end "
                           "of the prompt on; here, as in H2O, from the text's beginning. Keys stay as they are. Mass counts "
                           "tokens that stayed.",
             .merges = true},
        .derive = [](const PolicySpec&, std::string_view, int slots) { return std::to_string(slots / 2); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.every = spec.whole("every");
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                recipe.scorer = accumulatedAttention();
                recipe.selector = leavingValues({.spread = spec.whole("spread"),
                                                 .oldestLeaves = spec.value("base") == "streaming",
                                                 .drawn = spec.value("draw") == "seeded",
                                                 .seed = static_cast<std::uint64_t>(spec.whole("seed"))});
                recipe.budget = uniformBudget();
                recipe.merges = true;
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
