// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/divided_presets.h"

#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "core/policy/parts/budget/head_budget.h"
#include "core/policy/parts/prompt/named_scorers.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

constexpr std::string_view kAdaCitation =
    "Feng, Lv, Cao, Xie, Zhou: Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for "
    "Efficient LLM Inference. NeurIPS 2025, arXiv 2407.11550.";
constexpr std::string_view kAdaDeviations =
    "With form=paper the reference's rounding is kept, so that a layer's total may miss its budget by a "
    "few slots; form=press, as in kvpress, is exact.";

std::vector<ParameterSpec> adaParameters(std::vector<ParameterSpec> own)
{
    std::vector<ParameterSpec> all{
        shared_parameters::budget(),
        shared_parameters::window("32"),
        shared_parameters::kernel("7"),
        shared_parameters::pool("max"),
        shared_parameters::reduce(),
        realParameter("floor", "Floor", "Share of the mean budget that every head gets, whatever its scores.", 0, 1, "0.2"),
        choiceParameter("form", "Form", "paper: shares scaled and rounded; press: each head's best are safe, exact total.",
                        {"paper", "press"}),
        choiceParameter("normalize", "Normalize", "Whether form=paper weighs a head by how concentrated its scores are.",
                        {"no", "yes"})};
    all.insert(all.end(), own.begin(), own.end());
    all.push_back(shared_parameters::positions("keep"));
    all.push_back(shared_parameters::group());
    all.push_back(shared_parameters::granularity("kv"));
    return all;
}

Recipe adaptive(const PolicySpec& spec, std::shared_ptr<const BudgetRule> perLayer)
{
    return observedRecipe(spec, adaptiveBudget({.form = spec.value("form") == "paper" ? AdaptiveBudget::Form::Paper
                                                                                      : AdaptiveBudget::Form::Safeguard,
                                                .floor = spec.real("floor"),
                                                .normalize = spec.value("normalize") == "yes"},
                                               std::move(perLayer)));
}

} // namespace

const Preset& adaSnapkvPreset()
{
    static const Preset preset{
        .info = {.name = "ada-snapkv",
                 .title = "Ada-SnapKV",
                 .summary = "SnapKV, the heads of a layer sharing its slots: those with scattered attention get more.",
                 .citation = kAdaCitation,
                 .reference = "FFY0/AdaKV; AdaKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = adaParameters({}),
                 .deviations = kAdaDeviations},
        .recipe = [](const PolicySpec& spec) { return adaptive(spec, uniformBudget()); },
    };
    return preset;
}

const Preset& adaPyramidkvPreset()
{
    static const Preset preset{
        .info = {.name = "ada-pyramidkv",
                 .title = "Ada-PyramidKV",
                 .summary = "PyramidKV's slots for each layer, which its heads share among themselves.",
                 .citation = kAdaCitation,
                 .reference = "FFY0/AdaKV",
                 .acts = Acts::EndOfPrompt,
                 .parameters = adaParameters({shared_parameters::beta(), shared_parameters::pyramidBudgets()}),
                 .deviations = kAdaDeviations},
        .recipe =
            [](const PolicySpec& spec) {
                return adaptive(spec, pyramidBudget(pyramidFormula(spec.value("budgets")), spec.real("beta")));
            },
    };
    return preset;
}

const Preset& headkvPreset()
{
    static const Preset preset{
        .info = {.name = "headkv",
                 .title = "HeadKV",
                 .summary =
                     "SnapKV's choice, with more slots for the heads that a table, made beforehand, says are good at retrieval.",
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
                      shared_parameters::window("8"),
                      shared_parameters::kernel("7"),
                      shared_parameters::pool("max"),
                      shared_parameters::reduce(),
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

const Preset& dynamickvPreset()
{
    static const Preset preset{
        .info =
            {.name = "dynamickv",
             .title = "DynamicKV",
             .summary =
                 "SnapKV's choice, with slots for every layer by how many of the strongest votes of all layers are its own.",
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
                                 "The layers so far are trimmed after every so many layers (m).", 1, 1e6, "4"),
                  choiceParameter("votes", "Votes",
                                  "survivors: tokens that an update gave up vote no more; all: they do (the code).",
                                  {"survivors", "all"}),
                  choiceParameter(
                      "residue", "Residue",
                      "What rounding leaves goes to the largest remainders (spread), or all to the last layer (last: the code).",
                      {"spread", "last"}),
                  choiceParameter(
                      "normalize", "Normalize",
                      "counts: budgets are shares of the votes won (the code); scores: a layer's scores are first made to sum "
                      "to 1, another reading of the paper.",
                      {"counts", "scores"}),
                  shared_parameters::reduce(), shared_parameters::positions("keep"), shared_parameters::group(),
                  shared_parameters::granularity("query")},
             .deviations = "Where an update gives a layer more than it still stores, the reference code stores parts of the "
                           "window twice; here "
                           "the layer keeps what it has and the rest of the budget is unused."},
        .recipe =
            [](const PolicySpec& spec) {
                return observedRecipe(spec, dynamicBudget({.ratio = spec.real("ratio"),
                                                           .every = spec.whole("every"),
                                                           .allVote = spec.value("votes") == "all",
                                                           .residueLast = spec.value("residue") == "last",
                                                           .normalizeScores = spec.value("normalize") == "scores"}));
            },
    };
    return preset;
}

} // namespace winnow
