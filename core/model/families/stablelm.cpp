// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/stablelm.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.maxPositions = 4096});
    config.normEps = reader.positive("layer_norm_eps", 1e-5);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = reader.flag("use_qkv_bias", false);
    config.parallelResidual = config.sharedNorm = reader.flag("use_parallel_residual", false);
    if (reader.flag("qk_layernorm", false))
        reader.note(
            "'qk_layernorm' is set: each head has a normalization of its own, which is not run here; docs/record_trace.py "
            "records such a model in Python with transformers");
    RotaryDefaults rotary = rotaryDefaults(config);
    rotary.partialAllowed = true;
    rotary.partial = 0.25;
    config.rotaries.push_back(readRotary(reader, rotary));
    setAllLayers(config, usualScale(config));
}

} // namespace

constinit const Family kStableLm{.modelType = "stablelm", .title = "StableLM", .norm = NormKind::Layer, .configure = configure};

} // namespace winnow
