// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/llama.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.mlpBias = reader.flag("mlp_bias", false);
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
}

} // namespace

constinit const Family kLlama{.modelType = "llama", .title = "Llama", .configure = configure};

} // namespace winnow
