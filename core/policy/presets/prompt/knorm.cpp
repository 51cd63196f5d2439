// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/knorm.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

constexpr std::string_view kNormCitation =
    "Devoto, Zhao, Scardapane, Minervini: A Simple and Effective L2 Norm-Based Strategy for KV Cache "
    "Compression. EMNLP 2024, arXiv 2406.11430.";

} // namespace

const Preset& l2normPreset()
{
    static const Preset preset{
        .info =
            {.name = "l2norm",
             .title = "L2 norm",
             .summary = "Keeps the tokens whose keys have the smallest L2 norms; the lowest layers keep all.",
             .citation = kNormCitation,
             .reference = "Zefan-Cai/KVCache-Factory",
             .acts = Acts::EndOfPrompt,
             .parameters = {shared_parameters::budget(),
                            wholeParameter("skip", "Skipped layers", "Number of the lowest layers, which keep the whole prompt.",
                                           0, 1e6, "2"),
                            shared_parameters::positions("keep"), shared_parameters::group(),
                            shared_parameters::granularity("kv")},
             .deviations =
                 "The reference leaves the cache in the order of the lengths; here slots stay in the order of the text, which "
                 "matters to reassigned positions only."},
        .recipe =
            [](const PolicySpec& spec) {
                return promptRecipe(spec, keyNorm(), skippingBudget(spec.whole("skip"), uniformBudget()));
            },
    };
    return preset;
}

const Preset& knormPreset()
{
    static const Preset preset{
        .info = {.name = "knorm",
                 .title = "KNorm",
                 .summary = "Keeps the tokens whose keys have the smallest L2 norms, in every layer.",
                 .citation = kNormCitation,
                 .reference = "KnormPress of NVIDIA/kvpress",
                 .acts = Acts::EndOfPrompt,
                 .parameters = {shared_parameters::budget(), shared_parameters::positions("keep"), shared_parameters::group(),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "The press takes the share that leaves and keeps max(1, int(n (1 - share))) tokens; here the "
                     "budget says how many stay. Where the model normalizes its keys (Qwen3, Gemma 3), lengths may differ by "
                     "no more than rounding does."},
        .recipe = [](const PolicySpec& spec) { return promptRecipe(spec, keyNorm(), uniformBudget()); },
    };
    return preset;
}

} // namespace winnow
