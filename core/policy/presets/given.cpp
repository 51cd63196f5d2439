// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/given.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& givenPreset()
{
    static const Preset preset{
        .info = {.name = "given",
                 .title = "Given lifetimes",
                 .summary = "Evicts tokens at the steps that a file gives: a policy of your own, computed by any program.",
                 .parameters = {{.id = "file",
                                 .title = "Lifetimes",
                                 .help =
                                     "An .npz file with evict_step, int32 [layers, lanes, T]: the step at whose end each token "
                                     "leaves, -1 = never; lanes are KV heads or query heads. Or with kept.0, kept.1, …, one for "
                                     "each layer, [heads, kept]: the tokens that stay when the prompt ends.",
                                 .kind = ParameterKind::File},
                                shared_parameters::positions("keep")},
                 .ties = ""},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.budget = uniformBudget();
                recipe.lifetimes = std::string(spec.value("file"));
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
