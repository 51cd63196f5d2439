// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/simlayerkv.h"

#include "core/policy/parameter_help.h"
#include "core/policy/parts/budget/whole_or_short.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/prompt_layer.h"
#include "core/policy/recipe_options.h"

#include <algorithm>

namespace winnow {

namespace {

/// Scores are positions; a layer's preference is the share of its last queries' attention on the first and the newest tokens.
class LazyScorer final : public PromptScorer {
public:
    LazyScorer(int sinks, int recent, int last) : m_sinks(sinks), m_recent(recent), m_last(last) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        return at::arange(layer.tokens, layer.keys().options().dtype(at::kDouble)).expand({units.count(), -1});
    }
    at::Tensor preference(PromptLayer& layer) const override
    {
        const int old = layer.tokens - m_last, sinks = std::clamp(m_sinks - layer.first, 0, std::max(0, old));
        if (old <= 0)
            return at::zeros({}, layer.keys().options().dtype(at::kDouble));
        const auto shares = layer.rows(m_last).slice(2, 0, old).to(at::kDouble).mean({0, 1});
        return shares.slice(0, 0, sinks).sum() + shares.slice(0, std::max(0, old - m_recent)).sum();
    }

private:
    int m_sinks, m_recent, m_last;
};

} // namespace

const Preset& simlayerkvPreset()
{
    static const Preset preset{
        .info = {.name = "simlayerkv",
                 .title = "SimLayerKV",
                 .summary = "Lazy layers, whose last queries attend mostly to the first and the newest tokens, keep only these; "
                            "the others keep the whole prompt.",
                 .citation = "Zhang et al.: SimLayerKV: A Simple Framework for Layer-Level KV Cache Reduction. 2024, arXiv "
                             "2410.13846.",
                 .reference = "SimLayerKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {withHelp(shared_parameters::budget(),
                                         "Slots of a lazy layer's lanes when the prompt ends, sinks included."),
                                shared_parameters::sinks("4"),
                                wholeParameter("last", "Last queries", "Queries at the prompt's end whose attention is measured.",
                                               1, 1e6, "1"),
                                realParameter("threshold", "Threshold",
                                              "Share of their attention above which a layer is lazy; 1 = no layer is. The press "
                                              "suggests 0.9 for Llama 3, 0.65 for Llama 2, 0.8 for Mistral, 0.85 for Qwen.",
                                              0, 1, "0.9"),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("layer")},
                 .deviations = "The budget is that of a lazy layer, sinks included: the press's n_initial + n_recent - n_last, "
                               "1027 by its defaults. Other layers keep the prompt whole, so that more is stored than the "
                               "budget says.",
                 .ties = ""},
        .recipe =
            [](const PolicySpec& spec) {
                const int sinks = spec.whole("sinks"), last = spec.whole("last");
                const int recent = std::max(0, spec.budget().percent ? 0 : spec.budget().slotCount(0) - sinks) + last;
                Recipe recipe = promptRecipe(spec, std::make_shared<LazyScorer>(sinks, recent, last),
                                             lazyLayerBudget(spec.real("threshold"), 2 * last));
                recipe.protection.sinks = sinks;
                recipe.selector = oldest();
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int slots) {
                return spec.budget().percent
                           ? fmt::format("how much a layer looks at its newest tokens is asked for a number of them; give "
                                         "budget={} instead of {}",
                                         slots, spec.value("budget"))
                           : std::string();
            },
    };
    return preset;
}

} // namespace winnow
