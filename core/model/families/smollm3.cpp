// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/smollm3.h"

namespace winnow {
namespace {

/// A 1 in `no_rope_layers` means that the layer has a rotary embedding.
void dropRotaries(ConfigReader& reader, ModelConfig& config)
{
    const int every = reader.whole("no_rope_layer_interval", 4);
    if (!reader.has("no_rope_layers")) {
        for (int layer = every - 1; layer < config.layers; layer += every)
            config.perLayer[static_cast<std::size_t>(layer)].rotary = -1;
        return;
    }
    const nlohmann::json& list = reader.object()["no_rope_layers"];
    if (!list.is_array() || list.size() < config.perLayer.size())
        return reader.note("'no_rope_layers' is no list of 0 or 1 for each of the {} layers", config.layers);
    for (std::size_t layer = 0; layer < config.perLayer.size(); ++layer) {
        if (list[layer] != 0 && list[layer] != 1)
            return reader.note("'no_rope_layers' holds {} for layer {}, 0 or 1 was expected", list[layer].dump().substr(0, 60),
                               layer);
        if (list[layer] == 0)
            config.perLayer[layer].rotary = -1;
    }
}

void configure(ConfigReader& reader, ModelConfig& config)
{
    SizeDefaults absent{.maxPositions = 32'768, .tiedOutput = true};
    if (!reader.isNull("num_key_value_heads"))
        absent.keyHeads = 4;
    readSizes(reader, config, absent);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", false);
    config.mlpBias = reader.flag("mlp_bias", false);
    RotaryDefaults rotary = rotaryDefaults(config);
    rotary.theta = 2e6;
    config.rotaries.push_back(readRotary(reader, rotary));
    setAllLayers(config, usualScale(config));
    dropRotaries(reader, config);
    const int window = reader.flag("use_sliding_window", false) ? reader.wholeOrOff("sliding_window", 0) : 0;
    const auto sliding = [&](int layer) { return window > 0 && config.perLayer[static_cast<std::size_t>(layer)].rotary < 0; };
    setWindows(reader, config, window, sliding);
}

} // namespace

constinit const Family kSmolLm3{.modelType = "smollm3", .title = "SmolLM3", .configure = configure};

} // namespace winnow
