// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/adakv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

constexpr std::string_view kAdaCitation =
    "Feng, Lv, Cao, Xie, Zhou: Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation for "
    "Efficient LLM Inference. NeurIPS 2025, arXiv 2407.11550.";
constexpr std::string_view kAdaDeviations =
    "With form=paper the reference's rounding is kept, so that a layer's total may miss its budget by a "
    "few slots; form=press, as in kvpress, is exact.";

ParameterSpec floorParameter()
{
    return realParameter("floor", "Floor", "Share of the mean budget that every head gets, whatever its scores.", 0, 1, "0.2");
}

std::vector<ParameterSpec> adaParameters(std::vector<ParameterSpec> own)
{
    std::vector<ParameterSpec> all{
        shared_parameters::budget(),
        shared_parameters::window("32"),
        shared_parameters::kernel("7"),
        shared_parameters::pool("max"),
        shared_parameters::reduce(),
        shared_parameters::scoreNumbers(),
        floorParameter(),
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
                 .summary = "SnapKV; the heads of a layer divide its slots, and those with spread attention get more.",
                 .citation = kAdaCitation,
                 .reference = "FFY0/AdaKV; AdaKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = adaParameters({}),
                 .deviations = kAdaDeviations},
        .recipe = [](const PolicySpec& spec) { return adaptive(spec, uniformBudget()); },
    };
    return preset;
}

const Preset& adakvPreset()
{
    static const Preset preset{
        .info = {.name = "adakv",
                 .title = "AdaKV",
                 .summary = "Any scorer at the prompt's end; the heads of a layer divide its slots by their scores.",
                 .citation = kAdaCitation,
                 .reference = "AdaKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), scorerParameter("base", "Base scores"),
                                shared_parameters::window("32"), shared_parameters::kernel("5"), shared_parameters::pool("avg"),
                                shared_parameters::reduce(), floorParameter(), shared_parameters::positions("keep"),
                                shared_parameters::group(), shared_parameters::granularity("kv")},
                 .deviations =
                     "base=expected{epsilon=0.01} is the press's published setting. ada-snapkv is the authors' own form."},
        .recipe =
            [](const PolicySpec& spec) {
                return promptRecipe(
                    spec, scorerNamed("base", spec),
                    adaptiveBudget({.form = AdaptiveBudget::Form::Safeguard, .floor = spec.real("floor")}, uniformBudget()));
            },
    };
    return preset;
}

const Preset& adaPyramidkvPreset()
{
    static const Preset preset{
        .info = {.name = "ada-pyramidkv",
                 .title = "Ada-PyramidKV",
                 .summary = "PyramidKV's slots for each layer, which its heads divide as in Ada-SnapKV.",
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

} // namespace winnow
