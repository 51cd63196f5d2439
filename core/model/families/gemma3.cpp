// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma3.h"

#include <cmath>

namespace winnow {
namespace {

constexpr int kGlobal = 0, kLocal = 1; // of ModelConfig::rotaries

/// Layers that see everything and layers that see a window turn by other bases. `rope_scaling`, of the old dialect, is that of
/// the former.
void readRotaries(ConfigReader& reader, ModelConfig& config)
{
    RotaryDefaults global = rotaryDefaults(config), local = rotaryDefaults(config);
    global.theta = 1e6;
    local.thetaKey = "rope_local_base_freq";
    ConfigReader nested = reader.childOrEmpty("rope_parameters");
    for (const auto& [key, value] : nested.object().items())
        if (!value.is_object() && !value.is_null() &&
            value != "default") // transformers 5 may leave {"rope_type": "default"} there
            nested.note("'{}' stands outside of 'full_attention' and 'sliding_attention', which a Gemma 3 has", key);
    const bool old = reader.has("rope_scaling") && !reader.object()["rope_scaling"].empty(); // {} says as little as null
    ConfigReader full = old ? reader.child("rope_scaling") : nested.childOrEmpty("full_attention");
    ConfigReader sliding = nested.childOrEmpty("sliding_attention");
    config.rotaries.push_back(readRotary(reader, full, global));
    config.rotaries.push_back(readRotary(reader, sliding, local));
}

void configure(ConfigReader& reader, ModelConfig& config)
{
    // The published files leave out what equals these.
    readSizes(reader, config,
              {.vocabulary = 262'208,
               .hidden = 2304,
               .intermediate = 9216,
               .layers = 26,
               .queryHeads = 8,
               .keyHeads = 4,
               .headDim = 256,
               .maxPositions = 131'072,
               .tiedOutput = true});
    config.activation = readActivation(reader, "hidden_activation", "gelu_pytorch_tanh");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.embeddingScale = std::sqrt(static_cast<double>(config.hidden));
    config.finalSoftcap = reader.positiveOrOff("final_logit_softcapping", 0); // 'attn_logit_softcapping' is read by no one
    if (reader.flag("use_bidirectional_attention", false))
        reader.note("'use_bidirectional_attention' is set: tokens attend to later ones, so there is no cache to evict from");
    readRotaries(reader, config);
    setAllLayers(config, 1 / std::sqrt(reader.positive("query_pre_attn_scalar", 256)));
    const int every = reader.whole("sliding_window_pattern", 6);
    setWindows(reader, config, reader.wholeOrOff("sliding_window", 4096),
               [&](int layer) { return (static_cast<std::int64_t>(layer) + 1) % every != 0; });
    for (LayerConfig& layer : config.perLayer)
        layer.rotary = layer.window > 0 ? kLocal : kGlobal;
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

constinit const Family kGemma3Text{
    .modelType = "gemma3_text", .title = "Gemma 3", .norm = NormKind::RmsPlusOne, .names = kNames, .configure = configure};

constinit const Family kGemma3{.modelType = "gemma3",
                               .title = "Gemma 3 (its text part)",
                               .norm = NormKind::RmsPlusOne,
                               .names = kNames,
                               .configure = configureText};

} // namespace winnow
