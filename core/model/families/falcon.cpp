// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/falcon.h"

namespace winnow {
namespace {

constexpr TensorNames kNames{.bases = {"transformer.", ""},
                             .embedding = "word_embeddings.weight",
                             .finalNorm = "ln_f",
                             .layers = "h.",
                             .query = "self_attention.query_key_value",
                             .attentionOutput = "self_attention.dense",
                             .gate = "",
                             .up = "mlp.dense_h_to_4h",
                             .down = "mlp.dense_4h_to_h"};

constexpr TensorNames twoNorms()
{
    TensorNames names = kNames;
    names.attentionNorm = "ln_attn";
    names.mlpNorm = "ln_mlp";
    return names;
}

void configure(ConfigReader& reader, ModelConfig& config);

constexpr Family family(const TensorNames& names, ProjectionKind projections)
{
    return {.modelType = "falcon",
            .title = "Falcon",
            .norm = NormKind::Layer,
            .projections = projections,
            .names = names,
            .configure = configure};
}

constinit const Family kByGroup = family(kNames, ProjectionKind::ByGroup);
constinit const Family kByGroupWithTwoNorms = family(twoNorms(), ProjectionKind::ByGroup);

void configure(ConfigReader& reader, ModelConfig& config)
{
    config.vocabulary = reader.whole("vocab_size", 65'024);
    config.hidden = reader.whole("hidden_size", 4544);
    config.layers = reader.whole("num_hidden_layers", 32, kMaxLayers);
    config.queryHeads = reader.whole("num_attention_heads", 71);
    config.headDim = std::max(1, config.hidden / config.queryHeads);
    config.intermediate = reader.whole("ffn_hidden_size", std::min(4 * config.hidden, kMaxModelSize));
    config.maxPositions = reader.whole("max_position_embeddings", 2048);
    config.normEps = reader.positive("layer_norm_epsilon", 1e-5);
    config.activation = readActivation(reader, "activation", "gelu");
    config.tiedOutput = reader.flag("tie_word_embeddings", true);
    config.inputBias = config.outputBias = config.mlpBias = reader.flag("bias", false);
    if (config.hidden % config.queryHeads != 0)
        reader.note("'hidden_size' {} is no multiple of 'num_attention_heads' {}", config.hidden, config.queryHeads);
    if (reader.flag("alibi", false))
        reader.note("'alibi' is set: logits are lowered by distance in place of a rotary embedding, which a trace cannot hold");
    const bool grouped = reader.flag("new_decoder_architecture", false), parallel = reader.flag("parallel_attn", true);
    const bool oneKey = !grouped && reader.flag("multi_query", true);
    const int heads = reader.whole("num_kv_heads", config.queryHeads);
    const int norms = reader.whole("num_ln_in_parallel_attn", grouped ? 2 : 1, 2);
    config.keyHeads = oneKey ? 1 : grouped ? heads : config.queryHeads;
    config.parallelResidual = grouped || parallel;
    config.sharedNorm = config.parallelResidual && !(grouped && norms == 2);
    if (grouped && !parallel)
        reader.note("'parallel_attn' is false beside 'new_decoder_architecture', which no published Falcon has");
    config.family = oneKey ? &kFalcon : grouped && norms == 2 ? &kByGroupWithTwoNorms : &kByGroup;
    config.rotaries.push_back(readRotary(reader, rotaryDefaults(config)));
    setAllLayers(config, usualScale(config));
}

} // namespace

constinit const Family kFalcon = family(kNames, ProjectionKind::Joined);

} // namespace winnow
