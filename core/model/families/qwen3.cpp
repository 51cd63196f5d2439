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

} // namespace

constinit const Family kQwen3{.modelType = "qwen3",
                              .title = "Qwen3",
                              .names = {.queryNorm = "self_attn.q_norm", .keyNorm = "self_attn.k_norm"},
                              .configure = configure};

} // namespace winnow
