// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/curdkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& curPreset()
{
    static const Preset preset{
        .info = {.name = "cur",
                 .title = "CurDKV",
                 .summary = "Keeps the tokens whose keys and values have large norms compared with their neighbors.",
                 .citation = "Sengupta, Chaudhary, Chakraborty: Value-Guided KV Compression for LLMs via Approximated CUR "
                             "Decomposition. 2025, "
                             "arXiv 2509.15038.",
                 .reference = "CURPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = withOwn(scorerParameters("cur")),
                 .deviations = "Without the random projection that the press offers."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec, curLeverage(leverageOf(spec)), uniformBudget());
                recipe.protection.sinks = spec.whole("sinks");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
