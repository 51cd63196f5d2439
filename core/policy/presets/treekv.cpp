// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/treekv.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "core/policy/parts/step/attention_sums.h"
#include "core/policy/parts/step/tree_blocks.h"
#include "core/policy/parts/step/tree_scope.h"
#include "core/policy/recipe_options.h"

#include <algorithm>

namespace winnow {

const Preset& treekvPreset()
{
    static const Preset preset{
        .info =
            {.name = "treekv",
             .title = "TreeKV",
             .summary = "Walks over the cache and evicts the less attended of two neighbors, so that the cache is dense nearby "
                        "and sparse far away.",
             .citation =
                 "He, Yuan, Bai, Leng, Jiang: TreeKV: Smooth Key-Value Cache Compression with Tree Structures. IJCAI 2025, "
                 "arXiv 2501.04987.",
             .parameters = {shared_parameters::budget(),
                            {.id = "sinks",
                             .title = "Sinks",
                             .help = "First tokens that never leave.",
                             .least = 0,
                             .most = 1e6,
                             .initial = "4"},
                            {.id = "recent",
                             .title = "Recent",
                             .help = "Newest tokens that may not leave; the tree is what lies between. Half the budget less the "
                                     "sinks unless said.",
                             .least = 0,
                             .most = 1e6},
                            {.id = "next",
                             .title = "Next",
                             .help =
                                 "How the cursor moves: unit as in the paper's text and figures, literal as in line 16 of its "
                                 "algorithm, which contradicts them.",
                             .kind = ParameterKind::Choice,
                             .initial = "unit",
                             .choices = {"unit", "literal"}},
                            {.id = "keep",
                             .title = "Keep",
                             .help = "Which of the two stays: the higher mean attention (score), or always the left one (the "
                                     "paper's ablation).",
                             .kind = ParameterKind::Choice,
                             .initial = "score",
                             .choices = {"score", "left"}},
                            wholeParameter("block", "Block",
                                           "Block size of the paper's prefill: at the end of the prompt, the walk goes over "
                                           "blocks of this many tokens, scored by the last block's queries. 0 applies the "
                                           "decoding rule to the prompt instead: single tokens, scored by all queries.",
                                           0, 1e6, "0"),
                            shared_parameters::positions("reassign"),
                            shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations =
                 "The paper gives no rule for grouped queries, nor the layout of sinks and recent tokens; here a "
                 "group's rows are averaged, and the tree lies between the two. Of blocks it gives neither size nor number: they "
                 "lie against the last block and the recent tokens, as many stay as fit, and decoding begins with the last "
                 "block's sums, a "
                 "count of those of its queries that saw the token, and idx 1.",
             .ties = "of two equal neighbors the older goes, as the paper says"},
        .derive = [](const PolicySpec& spec, std::string_view,
                     int slots) { return std::to_string(std::max(0, slots / 2 - spec.whole("sinks"))); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                const int block = spec.whole("block");
                recipe.scorer = meanAttention(block);
                if (block > 0) {
                    recipe.promptScorer = observationWindow({.window = block, .kernel = 1});
                    recipe.promptSelector = treeBlocks(block);
                    recipe.promptProtection = recipe.protection; // the last block votes and stays
                    recipe.promptProtection->recent = std::max(recipe.protection.recent, block);
                }
                recipe.selector = treeScope(spec.value("next") == "unit" ? TreeNext::Unit : TreeNext::Literal,
                                            spec.value("keep") == "score" ? TreeKeep::Score : TreeKeep::Left);
                recipe.budget = uniformBudget();
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int slots) {
                const int room = std::max(0, slots - spec.whole("sinks"));
                return spec.whole("block") <= room
                           ? std::string()
                           : fmt::format("block={} does not fit a budget of {} beside {} sinks; give a block from 0 to {}",
                                         spec.whole("block"), slots, spec.whole("sinks"), room);
            },
    };
    return preset;
}

} // namespace winnow
