// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma3.h"

#include <cmath>

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readGemmaText(reader, config, 262'208, 26); // 'attn_logit_softcapping' is read by no one
    if (reader.flag("use_bidirectional_attention", false))
        reader.note("'use_bidirectional_attention' is set: tokens attend to later ones, so there is no cache to evict from");
    RotaryDefaults all = rotaryDefaults(config), sliding = rotaryDefaults(config);
    all.theta = 1e6;
    sliding.thetaKey = "rope_local_base_freq";
    readRotaryPair(reader, config, all, sliding);
    setAllLayers(config, 1 / std::sqrt(reader.positive("query_pre_attn_scalar", 256)));
    const int every = reader.whole("sliding_window_pattern", 6);
    setWindows(reader, config, reader.wholeOrOff("sliding_window", 4096),
               [&](int layer) { return (static_cast<std::int64_t>(layer) + 1) % every != 0; });
    setRotaryPair(config);
}

void configureText(ConfigReader& reader, ModelConfig& config)
{
    ConfigReader text = reader.childOrEmpty("text_config");
    configure(text, config);
    config.tiedOutput = reader.flag("tie_word_embeddings", true);
}

constexpr TensorNames kNames{.bases = {"model.", "language_model.model.", "model.language_model.", ""},
                             .afterAttentionNorm = "post_attention_layernorm",
                             .mlpNorm = "pre_feedforward_layernorm",
                             .afterMlpNorm = "post_feedforward_layernorm",
                             .queryNorm = "self_attn.q_norm",
                             .keyNorm = "self_attn.k_norm"};

} // namespace

void readGemmaText(ConfigReader& reader, ModelConfig& config, int vocabulary, int layers)
{
    readSizes(reader, config,
              {.vocabulary = vocabulary,
               .hidden = 2304,
               .intermediate = 9216,
               .layers = layers,
               .queryHeads = 8,
               .keyHeads = 4,
               .headDim = 256,
               .maxPositions = 131'072,
               .tiedOutput = true});
    config.activation = readActivation(reader, "hidden_activation", "gelu_pytorch_tanh");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.embeddingScale = std::sqrt(static_cast<double>(config.hidden));
    config.finalSoftcap = reader.positiveOrOff("final_logit_softcapping", 0);
}

constinit const Family kGemma3Text{
    .modelType = "gemma3_text", .title = "Gemma 3", .norm = NormKind::RmsPlusOne, .names = kNames, .configure = configure};

constinit const Family kGemma3{.modelType = "gemma3",
                               .title = "Gemma 3 (its text part)",
                               .norm = NormKind::RmsPlusOne,
                               .names = kNames,
                               .configure = configureText};

} // namespace winnow
