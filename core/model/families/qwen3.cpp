// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/qwen3.h"

#include "core/model/families/qwen2.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.headDim = 128, .maxPositions = 32'768});
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
    setQwenWindows(reader, config);
}

void configureVision(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.headDim = 128, .maxPositions = 128'000});
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    RotaryDefaults rotary = rotaryDefaults(config);
    rotary.theta = 5e5;
    config.rotaries.push_back(readRotary(reader, rotary));
    setAllLayers(config, usualScale(config));
}

void configureText(ConfigReader& reader, ModelConfig& config)
{
    ConfigReader text = reader.childOrEmpty("text_config");
    configureVision(text, config);
    config.tiedOutput = reader.flag("tie_word_embeddings", text.flag("tie_word_embeddings", false));
}

constexpr TensorNames kNestedNames{.bases = {"model.language_model.", "language_model.model.", "model.", ""},
                                   .queryNorm = "self_attn.q_norm",
                                   .keyNorm = "self_attn.k_norm"};

} // namespace

constinit const Family kQwen3Vl{
    .modelType = "qwen3_vl", .title = "Qwen3-VL (its text part)", .names = kNestedNames, .configure = configureText};

constinit const Family kQwen3VlText{
    .modelType = "qwen3_vl_text", .title = "Qwen3-VL (its text part)", .names = kNestedNames, .configure = configureVision};

constinit const Family kQwen3{.modelType = "qwen3",
                              .title = "Qwen3",
                              .names = {.queryNorm = "self_attn.q_norm", .keyNorm = "self_attn.k_norm"},
                              .configure = configure};

} // namespace winnow
