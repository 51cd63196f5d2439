// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/duoattention.h"

#include "core/policy/parameter_help.h"
#include "core/policy/parts/budget/whole_or_short.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/prompt_layer.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

/// The oldest goes, so that scores are positions.
class PositionScorer final : public PromptScorer {
public:
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        return at::arange(layer.tokens, layer.keys().options().dtype(at::kDouble)).expand({units.count(), -1});
    }
};

} // namespace

const Preset& duoattentionPreset()
{
    static const Preset preset{
        .info =
            {.name = "duoattention",
             .title = "DuoAttention",
             .summary = "Retrieval heads, by a file of head scores, keep everything; streaming heads keep the first and the "
                        "newest tokens.",
             .citation = "Xiao, Tang, Zuo, Guo, Yang, Tang, Fu, Han: DuoAttention: Efficient Long-Context LLM Inference with "
                         "Retrieval and Streaming Heads. ICLR 2025, arXiv 2410.10819.",
             .reference = "DuoAttentionPress of NVIDIA/kvpress",
             .acts = Acts::EndOfPrompt,
             .parameters = {withHelp(shared_parameters::budget(),
                                     "Slots of a streaming head when the prompt ends, sinks included: a number of tokens, or a "
                                     "share of the text such as 25%, rounded down to whole slots."),
                            {.id = "heads",
                             .title = "Head scores",
                             .help = "A JSON file: an object with a list of scores for each \"layer-head\", all query heads; "
                                     "or the authors' full_attention_heads.tsv, a line of KV heads for each layer.",
                             .kind = ParameterKind::File},
                            realParameter("share", "Share", "Share of all heads that stream.", 0, 1, "0.5"),
                            wholeParameter("sinks", "Sinks",
                                           "First tokens that never leave; a third of the budget unless said, as 128 of 384 in "
                                           "the press.",
                                           0, 1e6, ""),
                            shared_parameters::positions("keep"),
                            shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations = "The budget is that of a streaming head, sinks included; retrieval heads keep all. As in the press, "
                           "streaming heads are cut once; then=streaming goes on at every step, as the authors' "
                           "kernels do.",
             .ties = ""},
        .derive = [](const PolicySpec&, std::string_view key,
                     int slots) { return key == "sinks" ? std::to_string(slots / 3) : std::string(); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = promptRecipe(spec, std::make_shared<PositionScorer>(), streamingHeadBudget(spec.real("share")));
                recipe.protection.sinks = spec.whole("sinks");
                recipe.selector = oldest();
                recipe.headScores = std::string(spec.value("heads"));
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
