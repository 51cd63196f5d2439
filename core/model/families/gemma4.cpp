// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gemma4.h"

#include "core/model/families/gemma3.h"

#include <charconv>

namespace winnow {
namespace {

/// From `per_layer_config`, which transformers 5 writes: overrides by layer number. All layers of one type must have the same.
void readOverrides(ConfigReader& reader, ModelConfig& config)
{
    ConfigReader all = reader.child("per_layer_config");
    for (const auto& [name, settings] : all.object().items()) {
        int layer = -1;
        const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), layer);
        if (problem != std::errc() || end != name.data() + name.size() || layer < 0 || layer >= config.layers)
            return all.note("'{}' is not the number of one of its {} layers", name.substr(0, 60), config.layers);
        ConfigReader own = all.child(name.c_str());
        for (const auto& [key, value] : own.object().items())
            if (key != "head_dim" && key != "num_key_value_heads")
                return own.note("'{}' differs from layer to layer, which is not read here", key.substr(0, 60));
        LayerConfig& target = config.perLayer[static_cast<std::size_t>(layer)];
        target.headDim = own.whole("head_dim", target.headDim);
        target.keyHeads = own.whole("num_key_value_heads", target.keyHeads);
    }
}

/// The sizes of the layers that see everything; the head size of all layers of one type is the same.
void setHeads(ConfigReader& reader, ModelConfig& config, bool valuesFromKeys)
{
    if (reader.has("per_layer_config")) {
        readOverrides(reader, config);
    } else {
        const int headDim = reader.whole("global_head_dim", 512),
                  keyHeads = reader.whole("num_global_key_value_heads", config.keyHeads);
        for (LayerConfig& layer : config.perLayer)
            if (layer.window == 0) {
                layer.headDim = headDim;
                layer.keyHeads = valuesFromKeys ? keyHeads : layer.keyHeads;
            }
    }
    for (const LayerConfig& layer : config.perLayer)
        for (const LayerConfig& other : config.perLayer)
            if ((layer.window > 0) == (other.window > 0) && layer.headDim != other.headDim)
                return reader.note("layers of one type have heads of {} and of {} numbers", layer.headDim, other.headDim);
}

/// The last layers take the keys and values of the last one before them of their type.
void shareKeys(ConfigReader& reader, ModelConfig& config)
{
    const int shared = reader.whole("num_kv_shared_layers", 0, config.layers, 0), first = config.layers - shared;
    const bool wide = reader.flag("use_double_wide_mlp", false);
    for (int layer = first; layer < config.layers; ++layer) {
        LayerConfig& taking = config.perLayer[static_cast<std::size_t>(layer)];
        for (int giver = first - 1; giver >= 0 && taking.keysOf < 0; --giver)
            if ((config.perLayer[static_cast<std::size_t>(giver)].window > 0) == (taking.window > 0))
                taking.keysOf = giver;
        if (taking.keysOf < 0)
            return reader.note("'num_kv_shared_layers' is {}, but no earlier layer has the keys that layer {} shares", shared,
                               layer);
        if (wide && __builtin_mul_overflow(taking.intermediate, 2, &taking.intermediate))
            return reader.note("'intermediate_size' {} is more than any model has", config.intermediate);
    }
}

/// `wide`: the head size of the layers that see everything.
void readRotaries(ConfigReader& reader, ModelConfig& config, int wide)
{
    RotaryDefaults all = rotaryDefaults(config), sliding = rotaryDefaults(config);
    all.thetaKey = sliding.thetaKey = all.partialKey = sliding.partialKey = ""; // never beside the sizes
    all.headDim = wide;
    all.partialAllowed = true;
    if (!reader.has("rope_parameters")) {
        all.scaling = RotaryScaling::Proportional;
        all.partial = 0.25;
    }
    all.theta = reader.has("rope_parameters") ? 1e4 : 1e6;
    readRotaryPair(reader, config, all, sliding);
    setRotaryPair(config);
}

/// `inputs`: by default, how many numbers every layer is given of each token.
void readText(ConfigReader& reader, ModelConfig& config, int inputs)
{
    readGemmaText(reader, config, 262'144, 30);
    config.valueNorm = true;
    config.tokenInputs = inputs == 0 || reader.isNull("hidden_size_per_layer_input")
                             ? 0
                             : reader.whole("hidden_size_per_layer_input", inputs, kMaxModelSize, 0);
    config.tokenInputRows = reader.whole("vocab_size_per_layer_input", 262'144);
    if (reader.flag("enable_moe_block", false))
        reader.note(
            "'enable_moe_block' is set: it is a mixture of experts, which is not run here; docs/record_trace.py can record it "
            "in Python with transformers (it checks what it writes)");
    if (const std::string way = reader.text("use_bidirectional_attention", "vision"); way != "vision")
        reader.note("'use_bidirectional_attention' is '{}': tokens attend to later ones, so there is no cache to evict from",
                    way.substr(0, 60));
    if (config.tokenInputs > 0 && config.tokenInputRows < config.vocabulary)
        reader.note("'vocab_size_per_layer_input' is {}, less than 'vocab_size' {}", config.tokenInputRows, config.vocabulary);
    setAllLayers(config, 1);
    setWindows(reader, config, reader.wholeOrOff("sliding_window", 512), [](int layer) { return (layer + 1) % 6 != 0; });
    config.perLayer.back().window = 0; // whatever 'layer_types' says, as transformers has it
    const bool valuesFromKeys = reader.flag("attention_k_eq_v", false);
    setHeads(reader, config, valuesFromKeys);
    shareKeys(reader, config);
    for (LayerConfig& layer : config.perLayer)
        layer.valuesFromKeys = valuesFromKeys && layer.window == 0;
    readRotaries(reader, config, config.perLayer.back().headDim);
}

void configure(ConfigReader& reader, ModelConfig& config) { readText(reader, config, 256); }

void configureUnified(ConfigReader& reader, ModelConfig& config) { readText(reader, config, 0); }

template <void (*Read)(ConfigReader&, ModelConfig&)>
void configureWhole(ConfigReader& reader, ModelConfig& config)
{
    ConfigReader text = reader.childOrEmpty("text_config");
    Read(text, config);
    config.tiedOutput = reader.flag("tie_word_embeddings", config.tiedOutput);
}

constexpr TensorNames kNames{.bases = {"model.language_model.", "model.", "language_model.model.", ""},
                             .afterAttentionNorm = "post_attention_layernorm",
                             .mlpNorm = "pre_feedforward_layernorm",
                             .afterMlpNorm = "post_feedforward_layernorm",
                             .queryNorm = "self_attn.q_norm",
                             .keyNorm = "self_attn.k_norm",
                             .layerScale = "layer_scalar",
                             .tokenInputs = "embed_tokens_per_layer.weight",
                             .tokenInputModel = "per_layer_model_projection",
                             .tokenInputNorm = "per_layer_projection_norm",
                             .tokenInputGate = "per_layer_input_gate",
                             .tokenInputOutput = "per_layer_projection",
                             .afterTokenInputNorm = "post_per_layer_input_norm"};

constexpr Family family(std::string_view type, std::string_view title, void (*read)(ConfigReader&, ModelConfig&))
{
    return {.modelType = type, .title = title, .norm = NormKind::RmsWide, .names = kNames, .configure = read};
}

} // namespace

constinit const Family kGemma4Text = family("gemma4_text", "Gemma 4", configure);
constinit const Family kGemma4 = family("gemma4", "Gemma 4 (its text part)", configureWhole<configure>);
constinit const Family kGemma4UnifiedText = family("gemma4_unified_text", "Gemma 4", configureUnified);
constinit const Family kGemma4Unified = family("gemma4_unified", "Gemma 4 (its text part)", configureWhole<configureUnified>);

} // namespace winnow
