#include "core/policy/presets/cam.h"

#include "core/policy/parts/budgets.h"
#include "core/policy/parts/observation_window.h"
#include "core/policy/recipe_options.h"
#include "core/policy/seeded_hash.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

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
        const auto attention = units.ofQueryHeads(layer.rows(std::min(w, layer.prompt())).to(at::kDouble).mean(1)).to(at::kCPU).contiguous();
        for (int unit = 0; unit < units.count(); ++unit) {
            const auto probabilities = seepProbabilities({attention.data_ptr<double>() + static_cast<std::ptrdiff_t>(unit) * n, static_cast<std::size_t>(n)}, first, w);
            const std::uint64_t seed = unitSeed(m_options.seed, {.layer = layer.layer, .unit = unit});
            for (std::size_t i = 0; i < probabilities.size(); ++i) {
                const int from = first + static_cast<int>(i);
                const double share = m_options.drawn ? (happens(mixed(seed, i), probabilities[i]) ? 1 : 0) : probabilities[i];
                if (share > 0)
                    lists[static_cast<std::size_t>(unit)].push_back({.from = from, .into = from + 1, .count = w, .valueComes = static_cast<float>(share / w)});
            }
        }
        return lists;
    }

private:
    static bool happens(std::uint64_t hash, double probability) { return static_cast<double>(hash >> 11) * 0x1p-53 < probability; }

    SeepingValues m_options;
    std::shared_ptr<const PromptScorer> m_votes;
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

std::shared_ptr<const PromptScorer> seepingValues(const SeepingValues& options) { return std::make_shared<SeepingScorer>(options); }

const Preset& camPreset()
{
    static const Preset preset{
        .info = {.name = "cam",
                 .title = "CaM",
                 .summary = "Lets values seep into those of the tokens that follow, in proportion to the attention they get, and then drops the "
                            "least attended.",
                 .citation = "Zhang, Du, Luo, Zhong, Zhang, Liu, Ji: CaM: Cache Merging for Memory-efficient LLMs Inference. ICML 2024, openreview "
                             "LCTmppB165.",
                 .reference = "Zefan-Cai/KVCache-Factory",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::window("32"),
                                realParameter("first", "First", "Share of the prompt whose attention a token is compared with.", 0, 1, "0.1"),
                                choiceParameter("draw", "Draw", "expected: the share of a value that its probability says goes; seeded: all or nothing, "
                                                "drawn by the seed.", {"expected", "seeded"}),
                                wholeParameter("seed", "Seed", "For draw=seeded.", 0, 2147483647, "0"),
                                shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("query")},
                 .deviations = "The reference draws whether a value goes; here the expectation is the default, so that runs repeat. As there, values go "
                               "whether their token leaves or not, keys and the choice stay as they are. Mass counts tokens that stayed.",
                 .merges = true},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec, seepingValues({.window = spec.whole("window"),
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

} // namespace winnow
