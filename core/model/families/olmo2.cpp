// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/olmo2.h"

namespace winnow {
namespace {

void readShared(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.maxPositions = 2048, .normEps = 1e-5});
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
}

void configure(ConfigReader& reader, ModelConfig& config)
{
    readShared(reader, config);
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
}

/// Three of four layers see a window. Rotary scaling is for the others.
void configureThird(ConfigReader& reader, ModelConfig& config)
{
    readShared(reader, config);
    RotaryDefaults all = rotaryDefaults(config), sliding = rotaryDefaults(config);
    all.theta = sliding.theta = 5e5;
    sliding.thetaKey = ""; // transformers takes a 'rope_theta' beside the sizes for the other layers only
    readRotaryPair(reader, config, all, sliding);
    setAllLayers(config, usualScale(config));
    setWindows(reader, config, reader.wholeOrOff("sliding_window", 4096), [](int layer) { return (layer + 1) % 4 != 0; });
    setRotaryPair(config);
}

constexpr TensorNames kNames{.attentionNorm = "",
                             .afterAttentionNorm = "post_attention_layernorm",
                             .mlpNorm = "",
                             .afterMlpNorm = "post_feedforward_layernorm",
                             .queryNorm = "self_attn.q_norm",
                             .keyNorm = "self_attn.k_norm"};

} // namespace

constinit const Family kOlmo2{.modelType = "olmo2",
                              .title = "OLMo 2",
                              .norm = NormKind::RmsWide,
                              .normsAllHeads = true,
                              .names = kNames,
                              .configure = configure};

constinit const Family kOlmo3{.modelType = "olmo3",
                              .title = "OLMo 3",
                              .norm = NormKind::RmsWide,
                              .normsAllHeads = true,
                              .names = kNames,
                              .configure = configureThird};

} // namespace winnow
