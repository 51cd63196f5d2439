// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/family.h"

#include "core/model/families/falcon.h"
#include "core/model/families/gemma2.h"
#include "core/model/families/gemma3.h"
#include "core/model/families/gemma4.h"
#include "core/model/families/gpt2.h"
#include "core/model/families/gpt_neox.h"
#include "core/model/families/granite.h"
#include "core/model/families/llama.h"
#include "core/model/families/ministral.h"
#include "core/model/families/mistral.h"
#include "core/model/families/olmo2.h"
#include "core/model/families/phi.h"
#include "core/model/families/phi3.h"
#include "core/model/families/qwen2.h"
#include "core/model/families/qwen3.h"
#include "core/model/families/smollm3.h"
#include "core/model/families/stablelm.h"

#include <cmath>
#include <limits>

namespace winnow {

std::span<const Family* const> families()
{
    static constexpr std::array kAll{&kLlama,   &kMistral,    &kMinistral,   &kMinistral3,        &kMistral3,      &kQwen2,
                                     &kQwen3,   &kQwen3Vl,    &kQwen3VlText, &kSmolLm3,           &kOlmo2,         &kOlmo3,
                                     &kGranite, &kPhi,        &kPhi3,        &kStableLm,          &kGemma2,        &kGemma3Text,
                                     &kGemma3,  &kGemma4Text, &kGemma4,      &kGemma4UnifiedText, &kGemma4Unified, &kFalcon,
                                     &kGpt2,    &kGptNeoX};
    return kAll;
}

void readSizes(ConfigReader& reader, ModelConfig& config, const SizeDefaults& absent)
{
    config.vocabulary = reader.whole("vocab_size", absent.vocabulary);
    config.hidden = reader.whole("hidden_size", absent.hidden);
    config.intermediate = reader.whole("intermediate_size", absent.intermediate);
    config.layers = reader.whole("num_hidden_layers", absent.layers, kMaxLayers);
    config.queryHeads = reader.whole("num_attention_heads", absent.queryHeads);
    config.keyHeads = reader.whole("num_key_value_heads", absent.keyHeads.value_or(config.queryHeads));
    config.headDim = reader.whole("head_dim", absent.headDim.value_or(std::max(1, config.hidden / config.queryHeads)));
    config.maxPositions = reader.whole("max_position_embeddings", absent.maxPositions, std::numeric_limits<int>::max());
    config.normEps = reader.positive("rms_norm_eps", absent.normEps);
    config.tiedOutput = reader.flag("tie_word_embeddings", absent.tiedOutput);
}

Activation readActivation(ConfigReader& reader, const char* key, const char* absent)
{
    const std::string name = reader.text(key, absent);
    if (name == "silu" || name == "swish")
        return Activation::Silu;
    if (name == "gelu")
        return Activation::Gelu;
    if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast")
        return Activation::GeluTanh;
    if (name == "relu")
        return Activation::Relu;
    reader.note("the activation '{}' is not supported; supported are: silu, gelu, gelu_new, gelu_pytorch_tanh, relu",
                name.substr(0, 60));
    return Activation::Silu;
}

void setAllLayers(ModelConfig& config, double scale)
{
    config.perLayer.assign(static_cast<std::size_t>(config.layers), LayerConfig{.scale = scale,
                                                                                .rotary = config.rotaries.empty() ? -1 : 0,
                                                                                .keyHeads = config.keyHeads,
                                                                                .headDim = config.headDim,
                                                                                .intermediate = config.intermediate});
}

void setWindows(ConfigReader& reader, ModelConfig& config, int window, const std::function<bool(int)>& sliding)
{
    const bool listed = reader.has("layer_types");
    if (listed) {
        const nlohmann::json& types = reader.object()["layer_types"];
        if (!types.is_array() || types.size() != config.perLayer.size())
            return reader.note("'layer_types' is no list of one word for each of the {} layers", config.layers);
    }
    for (int layer = 0; layer < config.layers; ++layer) {
        const auto index = static_cast<std::size_t>(layer);
        bool slides = !listed && sliding(layer);
        if (listed) {
            const nlohmann::json& entry = reader.object()["layer_types"][index];
            const std::string type = entry.is_string() ? entry.get<std::string>() : entry.dump();
            slides = type == "sliding_attention";
            if (!slides && type != "full_attention")
                return reader.note("'layer_types' calls layer {} '{}'; supported are: full_attention, sliding_attention", layer,
                                   type.substr(0, 60));
        }
        if (slides && window == 0)
            return reader.note("layer {} has a sliding window, but 'sliding_window' does not say how long it is", layer);
        config.perLayer[index].window = slides ? window : 0;
    }
}

void readRotaryPair(ConfigReader& reader, ModelConfig& config, const RotaryDefaults& all, const RotaryDefaults& sliding)
{
    ConfigReader nested = reader.childOrEmpty("rope_parameters");
    for (const auto& [key, value] : nested.object().items())
        if (!value.is_object() && !value.is_null() &&
            value != "default") // transformers 5 may leave {"rope_type": "default"} there
            nested.note("'{}' stands outside of 'full_attention' and 'sliding_attention', which such a model has", key);
    const bool old = reader.has("rope_scaling") && !reader.object()["rope_scaling"].empty(); // {} says as little as null
    ConfigReader whole = old ? reader.child("rope_scaling") : nested.childOrEmpty("full_attention");
    ConfigReader part = nested.childOrEmpty("sliding_attention");
    config.rotaries.push_back(readRotary(reader, whole, all));
    config.rotaries.push_back(readRotary(reader, part, sliding));
}

void setRotaryPair(ModelConfig& config)
{
    for (LayerConfig& layer : config.perLayer)
        layer.rotary = layer.window > 0 ? 1 : 0;
}

double usualScale(const ModelConfig& config) { return 1.0 / std::sqrt(static_cast<double>(config.headDim)); }

RotaryDefaults rotaryDefaults(const ModelConfig& config)
{
    return {.headDim = config.headDim, .maxPositions = config.maxPositions};
}

} // namespace winnow
