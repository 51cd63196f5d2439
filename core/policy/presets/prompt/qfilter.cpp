// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/qfilter.h"

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
                 .reference = "NathanGodey/qfilters; QFilterPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The authors compute their filters once, over many texts; here they come from the prompt's own queries."},
        .recipe = [](const PolicySpec& spec) { return promptRecipe(spec, queryFilter(), uniformBudget()); },
    };
    return preset;
}

} // namespace winnow
