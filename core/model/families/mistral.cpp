#include "core/model/families/mistral.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    SizeDefaults absent{.maxPositions = 131'072};
    if (!reader.isNull("num_key_value_heads"))
        absent.keyHeads = 8;
    readSizes(reader, config, absent);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
    const int window = reader.wholeOrOff("sliding_window", 4096); // every layer has it; 'layer_types' is not this type's
    for (LayerConfig& layer : config.perLayer)
        layer.window = window;
}

} // namespace

constinit const Family kMistral{.modelType = "mistral", .title = "Mistral", .configure = configure};

} // namespace winnow
