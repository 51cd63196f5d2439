// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/heavy_hitters.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/attention_sums.h"
#include "core/policy/parts/step/decayed_attention.h"
#include "core/policy/parts/step/last_row.h"
#include "core/policy/parts/step/low_counts.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

Recipe lowestGoes(const PolicySpec& spec, std::shared_ptr<const Scorer> scorer)
{
    Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
    recipe.protection.recent = spec.whole("recent");
    recipe.scorer = std::move(scorer);
    recipe.selector = lowestScore();
    recipe.budget = uniformBudget();
    return recipe;
}

} // namespace

const Preset& h2oPreset()
{
    static const Preset preset{
        .info = {.name = "h2o",
                 .title = "H2O",
                 .summary =
                     "Keeps the heavy hitters, tokens with the largest sum of attention received so far, and the recent ones.",
                 .citation =
                     "Zhang et al.: H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models. "
                     "NeurIPS 2023, arXiv 2306.14048.",
                 .reference = "FMInference/H2O, the layer-wise class that really drops",
                 .parameters = {shared_parameters::budget(),
                                {.id = "recent",
                                 .title = "Recent",
                                 .help = "Newest tokens that may not leave; the rest of the budget holds heavy hitters. Half the "
                                         "budget unless said.",
                                 .least = 0,
                                 .most = 1e6},
                                shared_parameters::positions("keep"),
                                shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The reference handles equal numbers of query and KV heads only; with grouped queries the rows of a "
                     "group are reduced first."},
        .derive = [](const PolicySpec&, std::string_view, int slots) { return std::to_string(slots / 2); },
        .recipe = [](const PolicySpec& spec) { return lowestGoes(spec, accumulatedAttention()); },
    };
    return preset;
}

const Preset& tovaPreset()
{
    static const Preset preset{
        .info =
            {.name = "tova",
             .title = "TOVA",
             .summary =
                 "Evicts the token that the newest query attends to least; earlier rows do not count, and nothing is protected.",
             .citation = "Oren, Hassid, Yarden, Adi, Schwartz: Transformers are Multi-State RNNs. EMNLP 2024, arXiv 2401.06104.",
             .reference = "schwartz-lab-NLP/TOVA",
             .parameters = {shared_parameters::budget(),
                            {.id = "recent",
                             .title = "Recent",
                             .help = "Newest tokens that may not leave: 0 in the reference, 1 in ports that protect the newest.",
                             .least = 0,
                             .most = 1e6,
                             .initial = "0"},
                            shared_parameters::positions("keep"),
                            shared_parameters::group(),
                            shared_parameters::granularity("layer")},
             .deviations = "Of equal means the older token stays, which torch leaves open. TOVAPress of kvpress is recent=1."},
        .recipe = [](const PolicySpec& spec) { return lowestGoes(spec, lastRow()); },
    };
    return preset;
}

const Preset& scissorhandsPreset()
{
    static const Preset preset{
        .info =
            {.name = "scissorhands",
             .title = "Scissorhands",
             .summary = "Keeps sinks, recent tokens, and the tokens that received the most attention; older rows may count less.",
             .citation = "Liu et al.: Scissorhands: Exploiting the Persistence of Importance Hypothesis for LLM KV Cache "
                         "Compression at Test "
                         "Time. NeurIPS 2023, arXiv 2305.17118.",
             .reference = "Zefan-Cai/KVCache-Factory",
             .parameters =
                 {shared_parameters::budget(), shared_parameters::sinks("4"),
                  wholeParameter("recent", "Recent", "Newest tokens that may not leave.", 0, 1e6, "10"),
                  choiceParameter(
                      "rule", "Rule",
                      "sums: attention added up, as in the port; counts: how often it was below an even share, as in the paper.",
                      {"sums", "counts"}),
                  wholeParameter("history", "History", "Newest rows that count; 0 = all. The paper's rule looks at 400.", 0, 1e6,
                                 "0"),
                  realParameter("decay", "Decay", "Each new row multiplies the earlier ones by this; for rule=sums.", 0, 1, "1"),
                  wholeParameter("drop", "Drop",
                                 "Slots that leave at once when the cache is full; 0 = only as many as must. The paper drops "
                                 "half the budget.",
                                 0, 1e6, "0"),
                  shared_parameters::every(), shared_parameters::positions("keep"), shared_parameters::group(),
                  shared_parameters::granularity("kv")},
             .deviations =
                 "The paper counts the rows in which a token lies below an even share, and published no code; the default is the "
                 "rule "
                 "of its port in KVCache-Factory, which adds up attention. Recent tokens, whose counts the paper sets to 0, are "
                 "protected; of equal counts the newer token goes."},
        .recipe =
            [](const PolicySpec& spec) {
                const int history = spec.whole("history");
                Recipe recipe = lowestGoes(spec, spec.value("rule") == "counts"
                                                     ? lowCounts(history)
                                                     : decayedAttention({.decay = spec.real("decay"), .history = history}));
                if (spec.whole("drop") > 0)
                    recipe.selector = lowestInBulk(spec.whole("drop"));
                recipe.protection.sinks = spec.whole("sinks");
                recipe.every = spec.whole("every");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
