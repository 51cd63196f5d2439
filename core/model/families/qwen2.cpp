// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/qwen2.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config, {.maxPositions = 32'768});
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.inputBias = true; // the output projection has none, and no key says either
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
    setQwenWindows(reader, config);
}

} // namespace

constinit const Family kQwen2{.modelType = "qwen2", .title = "Qwen2", .configure = configure};

void setQwenWindows(ConfigReader& reader, ModelConfig& config)
{
    const int window = reader.flag("use_sliding_window", false) ? reader.wholeOrOff("sliding_window", 4096) : 0;
    const int first = reader.whole("max_window_layers", 28, kMaxModelSize, 0);
    setWindows(reader, config, window, [&](int layer) { return window > 0 && layer >= first; });
}

} // namespace winnow
