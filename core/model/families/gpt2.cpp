// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gpt2.h"

namespace winnow {
namespace {

void configure(ConfigReader& reader, ModelConfig& config)
{
    config.vocabulary = reader.whole("vocab_size", 50'257);
    config.hidden = reader.whole("n_embd", 768);
    config.intermediate = reader.whole("n_inner", std::min(4 * config.hidden, kMaxModelSize));
    config.layers = reader.whole("n_layer", 12, kMaxLayers);
    config.queryHeads = config.keyHeads = reader.whole("n_head", 12);
    config.headDim = std::max(1, config.hidden / config.queryHeads);
    config.maxPositions = reader.whole("n_positions", 1024);
    config.normEps = reader.positive("layer_norm_epsilon", 1e-5);
    config.activation = readActivation(reader, "activation_function", "gelu_new");
    config.tiedOutput = reader.flag("tie_word_embeddings", true);
    config.inputBias = config.outputBias = config.mlpBias = true;
    if (config.hidden % config.queryHeads != 0)
        reader.note("'n_embd' {} is no multiple of 'n_head' {}", config.hidden, config.queryHeads);
    if (reader.flag("add_cross_attention", false))
        reader.note("'add_cross_attention' is set: the model is the decoder of a pair, and runs only with its encoder");
    setAllLayers(config, reader.flag("scale_attn_weights", true) ? usualScale(config) : 1);
    if (reader.flag("scale_attn_by_inverse_layer_idx", false))
        for (std::size_t layer = 0; layer < config.perLayer.size(); ++layer)
            config.perLayer[layer].scale /= static_cast<double>(layer + 1);
}

} // namespace

constinit const Family kGpt2{.modelType = "gpt2",
                             .title = "GPT-2",
                             .norm = NormKind::Layer,
                             .projections = ProjectionKind::Joined,
                             .storedTransposed = true,
                             .names = {.bases = {"transformer.", ""},
                                       .embedding = "wte.weight",
                                       .positions = "wpe.weight",
                                       .finalNorm = "ln_f",
                                       .layers = "h.",
                                       .attentionNorm = "ln_1",
                                       .mlpNorm = "ln_2",
                                       .query = "attn.c_attn",
                                       .attentionOutput = "attn.c_proj",
                                       .gate = "",
                                       .up = "mlp.c_fc",
                                       .down = "mlp.c_proj"},
                             .configure = configure};

} // namespace winnow
