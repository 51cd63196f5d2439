// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/snapkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/drawn_selector.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

class RocketBudget final : public BudgetRule {
public:
    explicit RocketBudget(int generated) : m_generated(generated) {}
    std::vector<int> slots(const BudgetQuestion& question) const override
    {
        const int slots = rocketBudgets(question.slots, question.tokens, m_generated).prompt;
        return std::vector<int>(static_cast<std::size_t>(question.modelLayers), std::max(slots, question.window));
    }
    bool uniform() const override { return false; }

private:
    int m_generated;
};

} // namespace

RocketBudgets rocketBudgets(int tokenBudget, int length, int generated)
{
    const double ratio = std::max(1.0, static_cast<double>(length) / tokenBudget);
    const double alpha = std::min(.2 + .06 * std::log2(ratio), .8);
    const int capacity = static_cast<int>(length / std::pow(ratio, alpha));
    return {.capacity = capacity, .prompt = std::min(length - generated, capacity - generated)};
}

const Preset& snapkvPreset()
{
    static const Preset preset{
        .info = {.name = "snapkv",
                 .title = "SnapKV",
                 .summary = "At the end of the prompt, keeps the tokens that its last queries attend to, pooled over neighbors.",
                 .citation =
                     "Li et al.: SnapKV: LLM Knows What You are Looking for Before Generation. NeurIPS 2024, arXiv 2404.14469.",
                 .reference = "FasterDecoding/SnapKV",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::window("32"), shared_parameters::kernel("7"),
                                shared_parameters::pool("max"), shared_parameters::reduce(), shared_parameters::scoreNumbers(),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("query")},
                 .deviations =
                     "The reference repeats keys and lets every query head keep its own tokens; granularity=kv lets a KV "
                     "head's queries decide together, reduced before the pooling (KVCache-Factory) or after it (kvpress)."},
        .recipe = [](const PolicySpec& spec) { return observedRecipe(spec, uniformBudget()); },
    };
    return preset;
}

const Preset& pyramidkvPreset()
{
    static const Preset preset{
        .info = {.name = "pyramidkv",
                 .title = "PyramidKV",
                 .summary = "SnapKV's choice, with many slots for the lower layers and few for the upper ones.",
                 .citation =
                     "Cai et al.: PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information Funneling. COLM 2025, "
                     "arXiv 2406.02069.",
                 .reference = "Zefan-Cai/KVCache-Factory",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::window("8"), shared_parameters::kernel("7"),
                                shared_parameters::pool("max"), shared_parameters::reduce(), shared_parameters::scoreNumbers(),
                                shared_parameters::beta(), shared_parameters::pyramidBudgets(),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("query")},
                 .deviations = "budgets=paper rounds half to even, which keeps the mean exact, and cuts a layer's share to the "
                               "prompt where it exceeds it; the paper says neither."},
        .recipe =
            [](const PolicySpec& spec) {
                return observedRecipe(spec, pyramidBudget(pyramidFormula(spec.value("budgets")), spec.real("beta")));
            },
    };
    return preset;
}

const Preset& rocketkvPreset()
{
    static const Preset preset{
        .info = {.name = "rocketkv",
                 .title = "RocketKV, first stage",
                 .summary = "SnapKV with a wide pooling; the scores of a group are summed. The second stage, which only selects "
                            "what is read, is left out.",
                 .citation = "Behnam et al.: RocketKV: Accelerating Long-Context LLM Inference via Two-Stage KV Cache "
                             "Compression. ICML 2025, "
                             "arXiv 2502.14051.",
                 .reference = "NVlabs/RocketKV",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(), shared_parameters::window("32"), shared_parameters::kernel("63"),
                      shared_parameters::pool("max"), shared_parameters::reduce(), shared_parameters::scoreNumbers(),
                      choiceParameter(
                          "budgets", "Budgets",
                          "given: the budget is what the prompt keeps; paper: it is what a step reads, and the prompt keeps "
                          "what the paper derives from it.",
                          {"given", "paper"}),
                      wholeParameter("generate", "Generated", "Tokens that budgets=paper leaves room for.", 0, 1e6, "128"),
                      shared_parameters::positions("keep"),
                      [] {
                          ParameterSpec group = shared_parameters::group();
                          group.initial = "sum";
                          return group;
                      }(),
                      shared_parameters::granularity("kv")},
                 .deviations = "The reference leaves the last position of the prompt out of the choice and cites no reason; here "
                               "the window is its end."},
        .recipe =
            [](const PolicySpec& spec) {
                return observedRecipe(spec, spec.value("budgets") == "given"
                                                ? uniformBudget()
                                                : std::make_shared<RocketBudget>(spec.whole("generate")));
            },
    };
    return preset;
}

const Preset& naclPreset()
{
    static const Preset preset{
        .info =
            {.name = "nacl",
             .title = "NACL",
             .summary = "Keeps the tokens that the last queries attend to, and samples some of the others, the likelier the "
                        "higher their scores.",
             .citation =
                 "Chen et al.: NACL: A General and Effective KV Cache Eviction Framework for LLMs at Inference Time. ACL 2024, "
                 "arXiv 2408.03675.",
             .reference = "Zefan-Cai/KVCache-Factory",
             .acts = Acts::EndOfPrompt,
             .parameters = {shared_parameters::budget(), shared_parameters::sinks("0"), shared_parameters::window("32"),
                            wholeParameter("drawn", "Drawn", "Slots of the budget whose tokens are sampled.", 0, 1e6, "0"),
                            realParameter("temperature", "Temperature",
                                          "Temperature of the sampling; the higher, the less it follows the scores.", 1e-6, 1e6,
                                          "1"),
                            wholeParameter("seed", "Seed", "The same seed draws the same tokens.", 0, 2147483647, "0"),
                            shared_parameters::positions("keep"), shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations = "The lot is drawn by a hash of seed, layer and head, not by PyTorch's generator."},
        .recipe =
            [](const PolicySpec& spec) {
                const auto votes = observationWindow({.window = spec.whole("window"), .kernel = 1});
                Recipe recipe = promptRecipe(spec, votes, uniformBudget());
                recipe.protection.window = spec.whole("window");
                recipe.protection.sinks = spec.whole("sinks");
                recipe.selector = spec.whole("drawn") == 0 ? lowestScore()
                                                           : drawnByScore(spec.whole("drawn"), spec.real("temperature"),
                                                                          static_cast<std::uint64_t>(spec.whole("seed")));
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
