// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/received_attention.h"

#include "core/policy/parameter_help.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/received_attention.h"
#include "core/policy/recipe_options.h"

namespace winnow {

const Preset& h2oPromptPreset()
{
    static const Preset preset{
        .info = {.name = "h2o-prompt",
                 .title = "H2O at the prompt's end",
                 .summary =
                     "H2O's heavy hitters, chosen once: largest sum of attention received over the whole prompt, and its last "
                     "tokens.",
                 .citation =
                     "Zhang et al.: H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models. "
                     "NeurIPS 2023, arXiv 2306.14048.",
                 .reference = "Zefan-Cai/KVCache-Factory, the port that PyramidKV and DynamicKV compare with",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(),
                      withHelp(shared_parameters::window("8"), "Last tokens of the prompt, which stay; part of the budget."),
                      choiceParameter(
                          "mask", "Mask",
                          "causal; or ahead: all but the window's queries look into the future too, a defect of the port's "
                          "2024 version, which published tables were made with.",
                          {"causal", "ahead"}),
                      shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("query")},
                 .deviations = "The port adds rows up in the model's precision, which makes ties; here in double."},
        .recipe =
            [](const PolicySpec& spec) {
                const auto what = spec.value("mask") == "causal" ? ReceivedAttention::Sum : ReceivedAttention::SumAhead;
                Recipe recipe = promptRecipe(spec, receivedAttention(what, spec.whole("window")), uniformBudget());
                recipe.protection.window = spec.whole("window");
                return recipe;
            },
    };
    return preset;
}

const Preset& observedAttentionPreset()
{
    static const Preset preset{
        .info = {.name = "observed-attention",
                 .title = "Observed attention",
                 .summary = "Keeps the tokens with the highest mean attention from the queries that could see them.",
                 .reference = "ObservedAttentionPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The press takes its matrix from eager attention; here it is computed from the recording, block by block."},
        .recipe =
            [](const PolicySpec& spec) {
                return promptRecipe(spec, receivedAttention(ReceivedAttention::Mean), uniformBudget());
            },
    };
    return preset;
}

} // namespace winnow
