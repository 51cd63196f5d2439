// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/keydiff.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& keydiffPreset()
{
    static const Preset preset{
        .info = {.name = "keydiff",
                 .title = "KeyDiff",
                 .summary = "Keeps the tokens whose keys are least similar to the mean key.",
                 .citation = "Park et al.: KeyDiff: Key Similarity-Based KV Cache Eviction for Long-Context LLM Inference in "
                             "Resource-Constrained "
                             "Environments. NeurIPS 2025, arXiv 2504.15364.",
                 .reference = "KeyDiffPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations = "The whole prompt is looked at together, as the press does; the paper goes block by block."},
        .recipe = [](const PolicySpec& spec) { return promptRecipe(spec, keyDifference(), uniformBudget()); },
    };
    return preset;
}

} // namespace winnow
