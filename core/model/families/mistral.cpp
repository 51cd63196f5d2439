// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/mistral.h"

namespace winnow {

void configureMistral(ConfigReader& reader, ModelConfig& config)
{
    SizeDefaults absent{.maxPositions = 131'072};
    if (!reader.isNull("num_key_value_heads"))
        absent.keyHeads = 8;
    readSizes(reader, config, absent);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
    // Every layer has the window, unless 'layer_types' says which: such a Mistral is a Ministral to transformers.
    const int window = reader.wholeOrOff("sliding_window", 4096);
    setWindows(reader, config, window, [&](int) { return window > 0; });
}

constinit const Family kMistral{.modelType = "mistral", .title = "Mistral", .configure = configureMistral};

} // namespace winnow
