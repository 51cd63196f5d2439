// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt_presets.h"

#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/chunk_scores.h"
#include "core/policy/parts/prompt/critical_scores.h"
#include "core/policy/parts/prompt/expected_attention.h"
#include "core/policy/parts/prompt/named_scorers.h"
#include "core/policy/parts/step/received_attention.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

Recipe scored(const PolicySpec& spec, std::shared_ptr<const PromptScorer> scorer)
{
    return promptRecipe(spec, std::move(scorer), uniformBudget());
}

} // namespace

const Preset& h2oPromptPreset()
{
    static const Preset preset{
        .info =
            {.name = "h2o-prompt",
             .title = "H2O at the prompt's end",
             .summary = "H2O's heavy hitters, chosen once: largest sum of attention received over the whole prompt, and its last "
                        "tokens.",
             .citation = "Zhang et al.: H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models. "
                         "NeurIPS 2023, arXiv 2306.14048.",
             .reference = "Zefan-Cai/KVCache-Factory, the port that PyramidKV and DynamicKV compare with",
             .acts = Acts::EndOfPrompt,
             .parameters = {shared_parameters::budget(), shared_parameters::window("8"),
                            choiceParameter(
                                "mask", "Mask",
                                "causal; or ahead: all but the window's queries look into the future too, a defect of the port's "
                                "2024 version, which published tables were made with.",
                                {"causal", "ahead"}),
                            shared_parameters::positions("keep"), shared_parameters::group(),
                            shared_parameters::granularity("query")},
             .deviations = "The port adds rows up in the model's precision, which makes ties; here in double."},
        .recipe =
            [](const PolicySpec& spec) {
                const auto what = spec.value("mask") == "causal" ? ReceivedAttention::Sum : ReceivedAttention::SumAhead;
                Recipe recipe = scored(spec, receivedAttention(what, spec.whole("window")));
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
        .recipe = [](const PolicySpec& spec) { return scored(spec, receivedAttention(ReceivedAttention::Mean)); },
    };
    return preset;
}

const Preset& expectedAttentionPreset()
{
    static const Preset preset{
        .info =
            {.name = "expected-attention",
             .title = "Expected attention",
             .summary =
                 "Keeps what queries still to come are expected to attend to, if they are distributed like those of the prompt.",
             .citation =
                 "Devoto, Jeblick, Jégou: Expected Attention: KV Cache Compression by Estimating Attention from Future Queries "
                 "Distribution. 2025, arXiv 2510.00636.",
             .reference = "ExpectedAttentionPress of NVIDIA/kvpress",
             .acts = Acts::EndOfPrompt,
             .parameters = {shared_parameters::budget(),
                            wholeParameter("future", "Future", "Positions ahead that are averaged over.", 1, 1e6, "512"),
                            shared_parameters::sinks("4"),
                            choiceParameter("covariance", "Covariance",
                                            "Whether the spread of the queries counts, or their mean alone.", {"yes", "no"}),
                            choiceParameter("vnorm", "Value norm", "Whether scores are multiplied by the length of the value.",
                                            {"yes", "no"}),
                            realParameter("epsilon", "Epsilon", "Added to the expected attention before that.", 0, 1e6, "0"),
                            shared_parameters::positions("keep"), shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations = "Statistics are those of the prompt's own queries; the press can also take some that were made "
                           "beforehand. kvpress "
                           "publishes its results with heads that share slots and epsilon 0.01."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = scored(spec, expectedAttention({.future = spec.whole("future"),
                                                                .sinks = spec.whole("sinks"),
                                                                .covariance = spec.value("covariance") == "yes",
                                                                .valueNorm = spec.value("vnorm") == "yes",
                                                                .epsilon = spec.real("epsilon")}));
                recipe.protection.sinks = spec.whole("sinks");
                return recipe;
            },
    };
    return preset;
}

const Preset& criticalkvPreset()
{
    static const Preset preset{
        .info = {.name = "criticalkv",
                 .title = "CriticalKV",
                 .summary =
                     "Half of the budget by another policy's scores, the rest by those scores times the reach of the value.",
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
                return scored(spec,
                              criticalScores(scorerNamed(spec.value("base"), spec), spec.real("first"), spec.real("epsilon")));
            },
    };
    return preset;
}

const Preset& criticalAdakvPreset()
{
    static const Preset preset{
        .info = {.name = "criticaladakv",
                 .title = "CriticalAdaKV",
                 .summary = "CriticalKV, the heads of a layer sharing its slots as in AdaKV.",
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
                                    criticalAdaptiveScores(scorerNamed(spec.value("base"), spec), spec.real("first"),
                                                           spec.real("epsilon"), spec.real("floor")),
                                    adaptiveBudget({.form = AdaptiveBudget::Form::Safeguard, .floor = 0}, uniformBudget()));
            },
    };
    return preset;
}

const Preset& chunkkvPreset()
{
    static const Preset preset{
        .info = {.name = "chunkkv",
                 .title = "ChunkKV",
                 .summary = "Keeps or drops whole chunks of neighboring tokens, by the mean of their scores; all heads alike.",
                 .citation = "Liu et al.: ChunkKV: Semantic-Preserving KV Cache Compression for Efficient Long-Context LLM "
                             "Inference. NeurIPS 2025, "
                             "arXiv 2502.00299.",
                 .reference = "ChunkKVPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(),
                                wholeParameter("chunk", "Chunk", "Tokens that stay or go together.", 1, 1e6, "20"),
                                scorerParameter("base", "Base scores"), shared_parameters::window("32"),
                                shared_parameters::kernel("5"), shared_parameters::pool("avg"), shared_parameters::reduce(),
                                shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("layer")},
                 .deviations = "Chunks are taken while they fit the budget; the press keeps that share of the number of chunks, "
                               "which with a short "
                               "last chunk may be one more or one fewer."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = scored(spec, chunkScores(scorerNamed(spec.value("base"), spec), spec.whole("chunk")));
                recipe.selector = wholeChunks(spec.whole("chunk"));
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
