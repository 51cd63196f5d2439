// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/phi.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.maxPositions = 2048});
    config.normEps = reader.positive("layer_norm_eps", 1e-5);
    config.activation = readActivation(reader, "hidden_act", "gelu_new");
    config.inputBias = config.outputBias = config.mlpBias = config.logitBias = true;
    config.parallelResidual = config.sharedNorm = true;
    if (reader.flag("qk_layernorm", false))
        reader.note("'qk_layernorm' is set, which no published Phi has and which is not run here");
    RotaryDefaults rotary = rotaryDefaults(config);
    rotary.partialAllowed = true;
    rotary.partial = 0.5;
    config.rotaries.push_back(readRotary(reader, rotary));
    setAllLayers(config, usualScale(config));
}

} // namespace

constinit const Family kPhi{.modelType = "phi",
                            .title = "Phi",
                            .norm = NormKind::Layer,
                            .names = {.finalNorm = "final_layernorm",
                                      .mlpNorm = "",
                                      .attentionOutput = "self_attn.dense",
                                      .gate = "",
                                      .up = "mlp.fc1",
                                      .down = "mlp.fc2"},
                            .configure = configure};

} // namespace winnow
