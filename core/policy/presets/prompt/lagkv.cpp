// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/lagkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& lagkvPreset()
{
    static const Preset preset{
        .info = {.name = "lagkv",
                 .title = "LagKV",
                 .summary = "Keeps the tokens whose keys and values differ most from those that follow.",
                 .citation = "Liang et al.: LagKV: Lag-Relative Information of the KV Cache Tells Which Tokens Are Important. "
                             "2025, arXiv 2504.04704.",
                 .reference = "LagKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = withOwn(scorerParameters("lagkv")),
                 .deviations =
                     "Scores are ranks within each lag, so that many tie between lags: the earlier token stays. The paper "
                     "takes as many tokens of every lag instead. Of the last lag and what follows, which always stay "
                     "and all score alike in the press, the newest are kept where the budget holds less."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe =
                    promptRecipe(spec, lagRelative(spec.whole("sinks"), spec.whole("lag"), spec.value("scores") == "cross", true),
                                 uniformBudget());
                recipe.protection.sinks = spec.whole("sinks");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
