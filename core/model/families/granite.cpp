// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/granite.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.mlpBias = reader.flag("mlp_bias", false);
    config.embeddingScale = reader.positive("embedding_multiplier", 1);
    config.residualScale = reader.positive("residual_multiplier", 1);
    config.logitDivisor = reader.positive("logits_scaling", 1);
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, reader.positive("attention_multiplier", 1));
}

} // namespace

constinit const Family kGranite{.modelType = "granite", .title = "Granite", .configure = configure};

} // namespace winnow
