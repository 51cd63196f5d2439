// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/vector_presets.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/vector_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& qfilterPreset()
{
    static const Preset preset{
        .info = {.name = "qfilter",
                 .title = "Q-Filters",
                 .summary = "Keeps the tokens whose keys lie along the main direction of the queries.",
                 .citation = "Godey, Devoto, Zhao, Scardapane, Minervini, de la Clergerie, Sagot: Q-Filters: Leveraging QK "
                             "Geometry for Efficient "
                             "KV Cache Compression. 2025, arXiv 2503.02812.",
                 .reference = "QFilterPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The authors compute their filters once, over many texts; here they come from the prompt's own queries."},
        .recipe = [](const PolicySpec& spec) { return promptRecipe(spec, queryFilter(), uniformBudget()); },
    };
    return preset;
}

const Preset& curPreset()
{
    static const Preset preset{
        .info = {.name = "cur",
                 .title = "CurDKV",
                 .summary = "Keeps the tokens with long keys and values among their neighbors.",
                 .citation = "Sengupta, Chaudhary, Chakraborty: Value-Guided KV Compression for LLMs via Approximated CUR "
                             "Decomposition. 2025, "
                             "arXiv 2509.15038.",
                 .reference = "CURPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::sinks("4"),
                                choiceParameter("leverage", "Leverage", "product or mean of both shares, or of one alone.",
                                                {"product", "mean", "key", "value"}),
                                wholeParameter("local", "Local",
                                               "Neighbors that lengths are taken as shares of; 0 = as they are.", 0, 1e6, "16"),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations = "Without the random projection that the press offers."},
        .recipe =
            [](const PolicySpec& spec) {
                using Of = CurLeverage::Of;
                const auto leverage = spec.value("leverage");
                Recipe recipe = promptRecipe(spec,
                                             curLeverage({.of = leverage == "product" ? Of::Product
                                                                : leverage == "mean"  ? Of::Mean
                                                                : leverage == "key"   ? Of::Key
                                                                                      : Of::Value,
                                                          .local = spec.whole("local")}),
                                             uniformBudget());
                recipe.protection.sinks = spec.whole("sinks");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
