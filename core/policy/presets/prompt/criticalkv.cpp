// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/criticalkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/critical_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& criticalkvPreset()
{
    static const Preset preset{
        .info = {.name = "criticalkv",
                 .title = "CriticalKV",
                 .summary = "Fills half of the budget by another policy's scores, the rest by those scores times the L1 norm of "
                            "the value after the output projection.",
                 .citation = "Feng et al.: Identify Critical KV Cache in LLM Inference from an Output Perturbation Perspective. "
                             "2025, arXiv 2502.03805.",
                 .reference = "CriticalKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(), scorerParameter("base", "Base scores"), shared_parameters::window("32"),
                      shared_parameters::kernel("5"), shared_parameters::pool("avg"), shared_parameters::reduce(),
                      realParameter("first", "First stage", "Share of the budget that the base scores decide alone.", 0, 1,
                                    "0.5"),
                      realParameter("epsilon", "Epsilon", "Added to the base scores in the second stage.", 0, 1e6, "0.0001"),
                      shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("kv")},
                 .deviations =
                     "Scores of the first stage's tokens are reported as infinite; the press lifts them to the largest number.",
                 .needsValueOutputNorm = true},
        .recipe =
            [](const PolicySpec& spec) {
                return promptRecipe(spec, criticalScores(scorerNamed("base", spec), spec.real("first"), spec.real("epsilon")),
                                    uniformBudget());
            },
    };
    return preset;
}

const Preset& criticalAdakvPreset()
{
    static const Preset preset{
        .info = {.name = "criticaladakv",
                 .title = "CriticalAdaKV",
                 .summary = "CriticalKV; the heads of a layer divide its slots as in AdaKV.",
                 .citation = "Feng et al.: Identify Critical KV Cache in LLM Inference from an Output Perturbation Perspective. "
                             "2025, arXiv 2502.03805.",
                 .reference = "CriticalAdaKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(), scorerParameter("base", "Base scores"), shared_parameters::window("32"),
                      shared_parameters::kernel("5"), shared_parameters::pool("avg"), shared_parameters::reduce(),
                      realParameter("first", "First stage", "Share of a head's slots that the base scores decide alone.", 0, 1,
                                    "0.5"),
                      realParameter("epsilon", "Epsilon", "Added to the base scores in the second stage.", 0, 1e6, "0.0001"),
                      realParameter("floor", "Floor", "Share of the mean budget that every head gets, whatever its scores.", 0, 1,
                                    "0.2"),
                      shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("kv")},
                 .deviations = "Scores of chosen tokens are reported lifted above all others.",
                 .needsValueOutputNorm = true},
        .recipe =
            [](const PolicySpec& spec) {
                return promptRecipe(spec,
                                    criticalAdaptiveScores(scorerNamed("base", spec), spec.real("first"), spec.real("epsilon"),
                                                           spec.real("floor")),
                                    adaptiveBudget({.form = AdaptiveBudget::Form::Safeguard, .floor = 0}, uniformBudget()));
            },
    };
    return preset;
}

} // namespace winnow
