// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/ministral.h"

#include "core/model/families/mistral.h"

namespace winnow {
namespace {

/// Queries grow with their position: what the rotary settings call llama_4_scaling_beta.
void configureThird(ConfigReader& reader, ModelConfig& config)
{
    SizeDefaults absent{.headDim = 128, .maxPositions = 262'144, .normEps = 1e-5};
    if (!reader.isNull("num_key_value_heads"))
        absent.keyHeads = 8;
    readSizes(reader, config, absent);
    config.activation = readActivation(reader, "hidden_act", "silu");
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    ConfigReader rope = reader.childOrEmpty("rope_parameters");
    if (!reader.has("rope_parameters"))
        reader.note("it has no 'rope_parameters', which every published Ministral 3 has");
    config.queryGrowth = rope.has("llama_4_scaling_beta") ? rope.positiveOrOff("llama_4_scaling_beta", 0) : 0;
    config.queryPeriod = rope.positive("original_max_position_embeddings", config.maxPositions);
    setAllLayers(config, usualScale(config));
    const int window = reader.wholeOrOff("sliding_window", 0);
    for (LayerConfig& layer : config.perLayer)
        layer.window = window;
}

void configureText(ConfigReader& reader, ModelConfig& config)
{
    ConfigReader text = reader.childOrEmpty("text_config");
    const std::string type = text.text("model_type", "mistral");
    if (type == "ministral3")
        configureThird(text, config);
    else if (type == "mistral" || type == "ministral")
        configureMistral(text, config);
    else
        reader.note("its text part is of the type '{}', which is not read; read are: ministral, ministral3, mistral",
                    type.substr(0, 60));
    config.tiedOutput = reader.flag("tie_word_embeddings", text.flag("tie_word_embeddings", true));
}

} // namespace

constinit const Family kMinistral{.modelType = "ministral", .title = "Ministral", .configure = configureMistral};

constinit const Family kMinistral3{.modelType = "ministral3", .title = "Ministral 3", .configure = configureThird};

constinit const Family kMistral3{.modelType = "mistral3",
                                 .title = "Mistral with pictures (its text part)",
                                 .names = {.bases = {"language_model.model.", "model.language_model.", "model.", ""}},
                                 .configure = configureText};

} // namespace winnow
