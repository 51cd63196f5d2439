// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/expected_attention.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& expectedAttentionPreset()
{
    static const Preset preset{
        .info =
            {.name = "expected-attention",
             .title = "Expected attention",
             .summary = "Keeps the tokens that future queries are expected to attend to, if they are distributed like those of "
                        "the prompt.",
             .citation =
                 "Devoto, Jeblick, Jégou: Expected Attention: KV Cache Compression by Estimating Attention from Future Queries "
                 "Distribution. 2025, arXiv 2510.00636.",
             .reference = "ExpectedAttentionPress of NVIDIA/kvpress",
             .acts = Acts::EndOfPrompt,
             .parameters = withOwn(scorerParameters("expected")),
             .deviations = "Statistics are those of the prompt's own queries; the press can also take some that were made "
                           "beforehand. kvpress "
                           "publishes its results with heads that share slots and epsilon 0.01."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec, expectedAttention(expectationOf(spec)), uniformBudget());
                recipe.protection.sinks = spec.whole("sinks");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
