// SPDX-License-Identifier: GPL-3.0-or-later
// What config.json says about a model, in our words. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/model/config/rotary_config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct Family;

enum class Activation {
    Silu,
    Gelu,     ///< exact
    GeluTanh, ///< its approximation by tanh
    Relu,
};

/// What may differ from layer to layer.
struct LayerConfig {
    double scale = 1;            ///< logit = scale · q·k
    int window = 0;              ///< token t attends to i iff t − i < window; 0 = all before it
    int rotary = -1;             ///< into ModelConfig::rotaries; −1 = no rotary embedding
    int keyHeads = 0;            ///< KV heads; queryHeads is a multiple of it
    int headDim = 0;             ///< need not be hidden / queryHeads
    int intermediate = 0;        ///< width of the MLP
    int keysOf = -1;             ///< keys and values are those of this earlier layer; −1 = its own
    bool valuesFromKeys = false; ///< values come from the projection to keys, before the keys are normalized
    friend bool operator==(const LayerConfig&, const LayerConfig&) = default;
};

struct ModelConfig {
    std::string json;               ///< config.json, as read
    std::string modelType;          ///< the family's: "llama", "gemma3_text", …
    const Family* family = nullptr; ///< what all models of the type have in common (families/family.h)
    int vocabulary = 0;             ///< rows of the embedding matrix; the tokenizer may know fewer
    int hidden = 0;
    int intermediate = 0; ///< as in most layers, like the two below; what counts is `perLayer`
    int layers = 0;
    int queryHeads = 0;
    int keyHeads = 0;
    int headDim = 0;
    /// The longest text that the model was made for. Longer ones run and get worse, or, where positions are learned, do not run.
    int maxPositions = 0;
    bool learnedPositions = false; ///< in place of a rotary embedding
    double normEps = 1e-6;
    Activation activation = Activation::Silu;
    bool tiedOutput = false; ///< the output matrix is the embedding
    bool inputBias = false;  ///< q, k and v projections have a bias
    bool outputBias = false; ///< the output projection of the attention has one
    bool mlpBias = false;
    bool parallelResidual = false; ///< attention and MLP both read the layer's input
    bool sharedNorm = false;       ///< and after the same normalization
    bool logitBias = false;        ///< the output matrix has a bias
    bool valueNorm = false;        ///< each head's value is brought to a mean square of 1
    int tokenInputs = 0;           ///< numbers that every layer is given of each token besides the hidden state; 0 = none
    int tokenInputRows = 0;        ///< tokens that have such numbers
    double residualScale = 1;      ///< multiplies what attention and MLP add
    double logitDivisor = 1;       ///< divides the output logits
    double queryGrowth = 0;        ///< β: query t is multiplied by 1 + β · ln(1 + ⌊t / queryPeriod⌋); 0 = no growth
    double queryPeriod = 1;        ///< tokens
    double embeddingScale = 1;     ///< multiplies the embedding
    double softcap = 0;            ///< of attention logits: softcap · tanh(logit / softcap); 0 = none
    double finalSoftcap = 0;       ///< likewise of the output logits
    std::vector<RotaryConfig> rotaries;
    std::vector<LayerConfig> perLayer; ///< [layers], filled by setAllLayers
    std::string storedDtype;           ///< "float16", …; "" when config.json does not say

    /// Keys and values of one token in all layers, in a type of `bytesPerNumber`. A layer that takes those of another keeps them
    /// too.
    std::int64_t cacheBytesPerToken(int bytesPerNumber) const;
    /// BadInput where positions are learned and a text of `tokens` goes beyond them.
    Result<void> checkLength(int tokens) const;
};

/// Pure: the `eos_token_id` of a generation_config.json or config.json, a number or a list; nothing when it names none, or is no
/// JSON.
std::optional<std::vector<std::int32_t>> endTokensIn(std::string_view config);

} // namespace winnow
