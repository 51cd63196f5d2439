// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/finch.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& finchPreset()
{
    static const Preset preset{
        .info = {.name = "finch",
                 .title = "FINCH",
                 .summary = "Keeps the tokens that the question at the prompt's end attends to; each query is weighted by the "
                            "number of tokens before it.",
                 .citation = "Corallo, Papotti: FINCH: Prompt-guided Key-Value Cache Compression for Large Language Models. TACL "
                             "2024, arXiv 2408.00167.",
                 .reference = "FinchPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(),
                                wholeParameter("window", "Question",
                                               "Last tokens of the prompt that are the question; they stay.", 1, 1e6, "32"),
                                shared_parameters::positions("once"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The press finds the question behind a delimiter that it takes out; here its length is given. The "
                     "whole prompt is looked at together, as the press does unless told; the paper goes chunk by chunk."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(
                    spec, observationWindow({.window = spec.whole("window"), .kernel = 1, .mean = true, .weighsRows = true}),
                    uniformBudget());
                recipe.protection.window = spec.whole("window");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
