// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/compactor.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

constexpr std::string_view kCitation =
    "Chari, Van Durme: Compactor: Calibrated Query-Agnostic KV Cache Compression with Approximate Leverage Scores. 2025, arXiv "
    "2507.08143.";

} // namespace

const Preset& compactorPreset()
{
    static const Preset preset{
        .info = {.name = "compactor",
                 .title = "Compactor",
                 .summary = "Keeps the tokens whose keys the others cannot reproduce (high leverage), and those that their "
                            "neighbors attend to in both directions.",
                 .citation = kCitation,
                 .reference = "CompactorPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = withOwn(scorerParameters("compactor")),
                 .deviations = "The random projection is drawn by a hash of seed, layer and head, not by PyTorch's generator; "
                               "sketch=0 leaves it out and is exact. Compactor's calibrated choice of the budget needs a model."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec, compactorScores(compactorOf(spec)), uniformBudget());
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                return recipe;
            },
    };
    return preset;
}

const Preset& nonCausalPreset()
{
    static const Preset preset{
        .info = {.name = "noncausal",
                 .title = "Non-causal attention",
                 .summary = "Keeps the tokens with the most attention inside their chunk when queries look in both directions, "
                            "times the norm of the value.",
                 .citation = kCitation,
                 .reference = "NonCausalAttnPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = withOwn(scorerParameters("noncausal")),
                 .deviations = "As in the press, logits are not scaled, and the padding of a short last chunk counts; "
                               "padding=none leaves it out."},
        .recipe =
            [](const PolicySpec& spec) { return promptRecipe(spec, nonCausalAttention(nonCausalOf(spec)), uniformBudget()); },
    };
    return preset;
}

} // namespace winnow
