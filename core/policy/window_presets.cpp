#include "core/policy/window_presets.h"

#include "core/policy/budgets.h"
#include "core/policy/observation_window.h"
#include "core/policy/recipe_options.h"
#include "core/policy/selectors.h"

namespace winnow {

namespace {

ParameterSpec windowParameter(std::string_view initial)
{
    return {.id = "window",
            .title = "Window",
            .help = "Last queries of the prompt, which vote and whose tokens stay; part of the budget.",
            .least = 1,
            .most = 1e6,
            .initial = initial};
}

ParameterSpec kernelParameter()
{
    return {.id = "kernel",
            .title = "Kernel",
            .help = "Neighbors pooled together so that whole phrases stay; odd, 1 = no pooling.",
            .least = 1,
            .most = 1001,
            .initial = "7"};
}

ParameterSpec poolParameter()
{
    return {.id = "pool",
            .title = "Pooling",
            .help = "How neighbors are pooled: max (the LongBench settings) or avg (the library's default).",
            .kind = ParameterKind::Choice,
            .initial = "max",
            .choices = {"max", "avg"}};
}

Recipe observed(const PolicySpec& spec, std::shared_ptr<const BudgetRule> budget)
{
    Recipe recipe = recipeWithShared(spec, Acts::EndOfPrompt);
    recipe.protection.window = spec.whole("window");
    recipe.scorer = observationWindow({.window = spec.whole("window"),
                                       .kernel = spec.whole("kernel"),
                                       .pooling = spec.value("pool") == "max" ? Pooling::Max : Pooling::Average});
    recipe.selector = lowestScore();
    recipe.budget = std::move(budget);
    return recipe;
}

} // namespace

const Preset& snapkvPreset()
{
    static const Preset preset{
        .info = {.name = "snapkv",
                 .title = "SnapKV",
                 .summary = "At the end of the prompt, keeps what its last queries attended to, pooled over neighbors.",
                 .citation = "Li et al.: SnapKV: LLM Knows What You are Looking for Before Generation. NeurIPS 2024, arXiv 2404.14469.",
                 .reference = "FasterDecoding/SnapKV",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), windowParameter("32"), kernelParameter(), poolParameter(),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("query")},
                 .deviations = "The reference repeats keys and lets every query head keep its own tokens; granularity=kv lets a KV "
                               "head's queries decide together, before pooling."},
        .recipe = [](const PolicySpec& spec) { return observed(spec, uniformBudget()); },
    };
    return preset;
}

const Preset& pyramidkvPreset()
{
    static const Preset preset{
        .info = {.name = "pyramidkv",
                 .title = "PyramidKV",
                 .summary = "SnapKV's choice, with many slots for the lower layers and few for the upper ones.",
                 .citation = "Cai et al.: PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information Funneling. COLM 2025, "
                             "arXiv 2406.02069.",
                 .reference = "Zefan-Cai/KVCache-Factory",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(),
                                windowParameter("8"),
                                kernelParameter(),
                                poolParameter(),
                                {.id = "beta",
                                 .title = "Beta",
                                 .help = "Steepness: the top layer gets the mean divided by this, window aside.",
                                 .kind = ParameterKind::Real,
                                 .least = 1,
                                 .most = 1e6,
                                 .initial = "20"},
                                {.id = "budgets",
                                 .title = "Budgets",
                                 .help = "paper: the line of the paper, rounded; code: the integers of the reference code, which "
                                         "together exceed the budget when it is small.",
                                 .kind = ParameterKind::Choice,
                                 .initial = "paper",
                                 .choices = {"paper", "code"}},
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("query")},
                 .deviations = "budgets=paper rounds half to even, which keeps the mean exact, and cuts a layer's share to the "
                               "prompt where it exceeds it; the paper says neither."},
        .recipe =
            [](const PolicySpec& spec) {
                const auto formula = spec.value("budgets") == "paper" ? PyramidFormula::Paper : PyramidFormula::Code;
                return observed(spec, pyramidBudget(formula, spec.real("beta")));
            },
    };
    return preset;
}

} // namespace winnow
