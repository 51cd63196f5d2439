// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/prompt/chunkkv.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/prompt/chunk_scores.h"
#include "core/policy/recipe_options.h"

namespace winnow {

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
                Recipe recipe = promptRecipe(spec, chunkScores(scorerNamed("base", spec), spec.whole("chunk")), uniformBudget());
                recipe.selector = wholeChunks(spec.whole("chunk"));
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int slots) {
                return spec.whole("chunk") <= slots
                           ? std::string()
                           : fmt::format(
                                 "a budget of {} holds no chunk of {}; give a chunk from 1 to {}, or a budget of {} or more",
                                 slots, spec.whole("chunk"), slots, spec.whole("chunk"));
            },
    };
    return preset;
}

} // namespace winnow
