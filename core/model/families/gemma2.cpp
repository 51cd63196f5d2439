// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma2.h"

#include <cmath>

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.keyHeads = 4, .headDim = 256, .maxPositions = 8192, .tiedOutput = true});
    config.activation = readActivation(reader, "hidden_activation", "gelu_pytorch_tanh");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.embeddingScale = std::sqrt(static_cast<double>(config.hidden));
    config.softcap = reader.positiveOrOff("attn_logit_softcapping", 50);
    config.finalSoftcap = reader.positiveOrOff("final_logit_softcapping", 30);
    if (reader.flag("use_bidirectional_attention", false))
        reader.note("'use_bidirectional_attention' is set: tokens attend to later ones, so there is no cache to evict from");
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, 1 / std::sqrt(reader.positive("query_pre_attn_scalar", 256)));
    setWindows(reader, config, reader.wholeOrOff("sliding_window", 4096), [](int layer) { return layer % 2 == 0; });
}

constexpr TensorNames kNames{.afterAttentionNorm = "post_attention_layernorm",
                             .mlpNorm = "pre_feedforward_layernorm",
                             .afterMlpNorm = "post_feedforward_layernorm"};

} // namespace

constinit const Family kGemma2{
    .modelType = "gemma2", .title = "Gemma 2", .norm = NormKind::RmsPlusOne, .names = kNames, .configure = configure};

} // namespace winnow
