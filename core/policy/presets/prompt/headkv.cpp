// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/headkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parameter_help.h"
#include "core/policy/parts/budget/head_budget.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& headkvPreset()
{
    static const Preset preset{
        .info = {.name = "headkv",
                 .title = "HeadKV",
                 .summary = "SnapKV's choice, with more slots for retrieval heads, by a file of head scores.",
                 .citation = "Fu, Cai, Asi, Xiong, Dong, Xiao: Not All Heads Matter: A Head-Level KV Cache Compression Method "
                             "with Integrated "
                             "Retrieval and Reasoning. ICLR 2025, arXiv 2410.19258.",
                 .reference = "Zefan-Cai/KVCache-Factory",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(),
                      {.id = "heads",
                       .title = "Head scores",
                       .help = "A JSON file: an object with a list of scores for each \"layer-head\", as HeadKV publishes them.",
                       .kind = ParameterKind::File},
                      realParameter("beta", "Beta", "The closer to 1, the more of the budget follows the head scores.", 1, 1e6,
                                    "1.01"),
                      withHelp(shared_parameters::window("8"),
                               "Last queries of the prompt, whose attention counts and whose tokens stay, beside the budget."),
                      shared_parameters::kernel("7"),
                      shared_parameters::pool("max"),
                      shared_parameters::reduce(),
                      shared_parameters::scoreNumbers(),
                      shared_parameters::positions("keep"),
                      shared_parameters::group(),
                      shared_parameters::granularity("query")},
                 .deviations =
                     "As in the reference the window comes on top of the budget, so that every head stores that much more than "
                     "SnapKV's."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = observedRecipe(spec, headBudget(spec.real("beta")));
                recipe.headScores = std::string(spec.value("heads"));
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
