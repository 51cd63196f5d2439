// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/dynamickv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& dynamickvPreset()
{
    static const Preset preset{
        .info =
            {.name = "dynamickv",
             .title = "DynamicKV",
             .summary =
                 "SnapKV's choice; a layer gets slots in proportion to how many of the highest scores of all layers are its own.",
             .citation =
                 "Zhou et al.: DynamicKV: Task-Aware Adaptive KV Cache Compression for Long Context LLMs. EMNLP Findings 2025, "
                 "arXiv 2412.14838.",
             .reference = "DreamMr/DynamicKV",
             .acts = Acts::EndOfPrompt,
             .parameters =
                 {shared_parameters::budget(), shared_parameters::window("8"), shared_parameters::kernel("7"),
                  shared_parameters::pool("max"),
                  realParameter("ratio", "Largest ratio", "No layer stores more than this many times its mean share (r_max).", 1,
                                1e6, "10"),
                  wholeParameter("every", "Layers between updates",
                                 "Layers between updates (m); each update trims the layers so far.", 1, 1e6, "4"),
                  choiceParameter(
                      "votes", "Votes",
                      "survivors: scores of tokens that an earlier update evicted no longer count; all: they do (the code).",
                      {"survivors", "all"}),
                  choiceParameter("residue", "Residue",
                                  "Slots left over by rounding go to the largest remainders (spread), or all to the last layer "
                                  "(last: the code).",
                                  {"spread", "last"}),
                  choiceParameter("rest", "Rest",
                                  "trim: the last layer updates all; leave: only every so many layers do, so that layers after "
                                  "the last full group are never trimmed (the code).",
                                  {"trim", "leave"}),
                  choiceParameter(
                      "normalize", "Normalize",
                      "counts: budgets are shares of the votes won (the code); scores: a layer's scores are first made to sum "
                      "to 1, another reading of the paper.",
                      {"counts", "scores"}),
                  shared_parameters::reduce(), shared_parameters::scoreNumbers(), shared_parameters::positions("keep"),
                  shared_parameters::group(), shared_parameters::granularity("query")},
             .deviations = "votes=all,residue=last,rest=leave together are the reference code. Where an update gives a layer "
                           "more than it still stores, that code stores parts of the window twice; here the layer keeps what "
                           "it has and the rest of the budget is unused."},
        .recipe =
            [](const PolicySpec& spec) {
                return observedRecipe(spec, dynamicBudget({.ratio = spec.real("ratio"),
                                                           .every = spec.whole("every"),
                                                           .allVote = spec.value("votes") == "all",
                                                           .residueLast = spec.value("residue") == "last",
                                                           .normalizeScores = spec.value("normalize") == "scores",
                                                           .trimRest = spec.value("rest") == "trim"}));
            },
    };
    return preset;
}

} // namespace winnow
