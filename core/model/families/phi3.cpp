// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/phi3.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.maxPositions = 4096, .normEps = 1e-5});
    config.activation = readActivation(reader, "hidden_act", "silu");
    RotaryDefaults absent = rotaryDefaults(config);
    absent.partialAllowed = true;
    absent.originalPositions = 4096;
    config.rotaries.push_back(readRotary(reader, absent));
    const RotaryScaling scaling = config.rotaries.back().scaling;
    if (scaling != RotaryScaling::Default && scaling != RotaryScaling::LongRope)
        reader.note("the rotary scaling '{}' is not one of a Phi-3, which takes default and longrope",
                    rotaryScalingName(scaling));
    setAllLayers(config, usualScale(config));
    const int window = reader.wholeOrOff("sliding_window", 0);
    for (LayerConfig& layer : config.perLayer)
        layer.window = window;
}

} // namespace

constinit const Family kPhi3{.modelType = "phi3",
                             .title = "Phi-3",
                             .projections = ProjectionKind::Joined,
                             .gateInUp = true,
                             .names = {.query = "self_attn.qkv_proj", .up = "mlp.gate_up_proj"},
                             .configure = configure};

} // namespace winnow
