// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gpt_neox.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    readSizes(reader, config);
    config.keyHeads = config.queryHeads; // this type knows no groups
    config.headDim = std::max(1, config.hidden / config.queryHeads);
    config.normEps = reader.positive("layer_norm_eps", 1e-5);
    config.activation = readActivation(reader, "hidden_act", "gelu");
    config.inputBias = config.outputBias = reader.flag("attention_bias", true);
    config.mlpBias = true;
    config.parallelResidual = reader.flag("use_parallel_residual", true);
    if (config.hidden % config.queryHeads != 0)
        reader.note("'hidden_size' {} is no multiple of 'num_attention_heads' {}", config.hidden, config.queryHeads);
    RotaryDefaults absent = rotaryDefaults(config);
    absent.partialAllowed = true;
    absent.partial = 0.25;
    absent.thetaKey = "rotary_emb_base";
    absent.partialKey = "rotary_pct";
    config.rotaries.push_back(readRotary(reader, absent));
    setAllLayers(config, usualScale(config));
}

} // namespace

constinit const Family kGptNeoX{.modelType = "gpt_neox",
                                .title = "GPT-NeoX",
                                .norm = NormKind::Layer,
                                .projections = ProjectionKind::ByGroup,
                                .names = {.bases = {"gpt_neox.", ""},
                                          .embedding = "embed_in.weight",
                                          .finalNorm = "final_layer_norm",
                                          .output = "embed_out",
                                          .query = "attention.query_key_value",
                                          .attentionOutput = "attention.dense",
                                          .gate = "",
                                          .up = "mlp.dense_h_to_4h",
                                          .down = "mlp.dense_4h_to_h"},
                                .configure = configure};

} // namespace winnow
