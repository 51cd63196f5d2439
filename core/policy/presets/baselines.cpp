// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/baselines.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

Recipe oldestGoes(const PolicySpec& spec, int sinks)
{
    Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
    recipe.protection.sinks = sinks;
    recipe.selector = oldest();
    recipe.budget = uniformBudget();
    return recipe;
}

} // namespace

const Preset& fullPreset()
{
    static const Preset preset{
        .info = {.name = "full",
                 .title = "Full cache",
                 .summary = "Keeps everything; the baseline that the others are compared with.",
                 .acts = Acts::Never,
                 .ties = ""},
        .recipe = [](const PolicySpec&) { return Recipe{.budget = uniformBudget()}; },
    };
    return preset;
}

const Preset& windowPreset()
{
    static const Preset preset{
        .info = {.name = "window",
                 .title = "Window",
                 .summary = "Keeps the most recent tokens; StreamingLLM without sinks.",
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group()},
                 .ties = ""},
        .recipe = [](const PolicySpec& spec) { return oldestGoes(spec, 0); },
    };
    return preset;
}

const Preset& streamingPreset()
{
    static const Preset preset{
        .info = {.name = "streaming",
                 .title = "StreamingLLM",
                 .summary = "Keeps the first tokens (attention sinks) and the most recent ones.",
                 .citation = "Xiao, Tian, Chen, Han, Lewis: Efficient Streaming Language Models with Attention Sinks. ICLR 2024, "
                             "arXiv 2309.17453.",
                 .reference = "mit-han-lab/streaming-llm",
                 .parameters = {shared_parameters::budget(),
                                {.id = "sinks",
                                 .title = "Sinks",
                                 .help = "First tokens that never leave; the rest of the budget is the recent window.",
                                 .least = 0,
                                 .most = 1e6,
                                 .initial = "4"},
                                shared_parameters::positions("reassign"),
                                shared_parameters::group()},
                 .deviations = "The reference can also make room for a text to come (evict_for_space); a replay needs none. The "
                               "ports that act once "
                               "keep positions: positions=keep with a prompt.",
                 .ties = ""},
        .recipe = [](const PolicySpec& spec) { return oldestGoes(spec, spec.whole("sinks")); },
    };
    return preset;
}

const Preset& randomPreset()
{
    static const Preset preset{
        .info = {.name = "random",
                 .title = "Random",
                 .summary = "Evicts a random token; the baseline that a policy must beat.",
                 .parameters = {shared_parameters::budget(),
                                {.id = "seed",
                                 .title = "Seed",
                                 .help = "The same seed throws the same tokens away, on every machine and device.",
                                 .least = 0,
                                 .most = 2147483647,
                                 .initial = "0"},
                                shared_parameters::positions("keep"),
                                shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .ties = ""},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.selector = seededRandom(static_cast<std::uint64_t>(spec.whole("seed")));
                recipe.budget = uniformBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
