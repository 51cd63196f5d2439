// SPDX-License-Identifier: GPL-3.0-or-later
// What a family of models has in common, as a table. One transformer (core/model/run/decoder.h) runs them all: it asks this table
// where weights lie and of which kind they are, and the config for sizes.
//
// Adding a family takes one file pair in model/families and one line in the list of family.cpp:
//   1. `configure` reads the type's own keys of config.json into a ModelConfig. The keys that most types share are read by
//      readSizes, readRotary, readSlidingLayers, readActivation.
//   2. `names` says how the tensors are called; an empty name means that there is no such tensor.
//   3. A tiny seeded model of it in tests/fixtures/model/make_families.py; the tests of tests/model run over all that it writes.
// Free of Torch.
#pragma once

#include "core/model/config/model_config.h"

#include <array>
#include <functional>
#include <span>
#include <string_view>

namespace winnow {

enum class NormKind {
    Rms,        ///< weight · x̂, x̂ rounded to the running type first (Llama)
    RmsPlusOne, ///< (1 + weight) · x̂, rounded last (Gemma)
    RmsWide,    ///< weight · x̂, rounded last (OLMo, Gemma 4)
    Layer,      ///< mean and variance, weight and bias
};

/// How the projections to queries, keys and values are stored.
enum class ProjectionKind {
    Apart,   ///< q, k, v
    Joined,  ///< one matrix: all of q, all of k, all of v
    ByGroup, ///< one matrix: the queries that read the first KV head, its key, its value, then those of the second KV head, …
};

/// Names below the base prefix and, for a layer, below "<layers><number>.". Names of matrices and normalizations omit ".weight"
/// and ".bias".
struct TensorNames {
    std::array<std::string_view, 4> bases{"model.", ""}; ///< prefixes tried in turn; the first under which the embedding is found
    std::string_view embedding = "embed_tokens.weight";
    std::string_view positions; ///< learned ones, [maxPositions, hidden]
    std::string_view finalNorm = "norm";
    std::string_view output = "lm_head"; ///< below no prefix, or below "language_model."
    std::string_view layers = "layers.";
    std::string_view attentionNorm = "input_layernorm";    ///< none: attention reads the layer's input as it is
    std::string_view afterAttentionNorm;                   ///< of what the attention adds
    std::string_view mlpNorm = "post_attention_layernorm"; ///< none: as attention; see ModelConfig::sharedNorm
    std::string_view afterMlpNorm;
    std::string_view query = "self_attn.q_proj"; ///< or the joined matrix
    std::string_view key = "self_attn.k_proj";
    std::string_view value = "self_attn.v_proj";
    std::string_view attentionOutput = "self_attn.o_proj";
    std::string_view queryNorm, keyNorm;     ///< before the rotary embedding; their size: Family::normsAllHeads
    std::string_view gate = "mlp.gate_proj"; ///< none: down(act(up(x))); else down(act(gate(x)) · up(x))
    std::string_view up = "mlp.up_proj";
    std::string_view down = "mlp.down_proj";
    std::string_view layerScale; ///< one number that multiplies what the layer hands on; the whole name
    // What every layer is given of each token besides the hidden state (ModelConfig::tokenInputs). Below the base: [rows, layers
    // · inputs], the projection of the embedding to the same, and their normalization; below a layer: the gate that they
    // multiply, the way back, and the normalization of what is then added.
    std::string_view tokenInputs, tokenInputModel, tokenInputNorm;
    std::string_view tokenInputGate, tokenInputOutput, afterTokenInputNorm;
};

struct Family {
    std::string_view modelType; ///< of config.json
    std::string_view title;     ///< for people
    NormKind norm = NormKind::Rms;
    ProjectionKind projections = ProjectionKind::Apart;
    bool gateInUp = false;         ///< `up` holds the gate's rows before its own
    bool normsAllHeads = false;    ///< queries are normalized over all heads together, and keys; else each head by itself
    bool storedTransposed = false; ///< matrices lie as [in, out]
    TensorNames names;
    /// Reads config.json into the sizes and `perLayer`; mistakes are noted in the reader.
    void (*configure)(ConfigReader& reader, ModelConfig& config) = nullptr;
};

/// How the tensors of a model are called and laid out where it is stored.
struct StoredForm {
    TensorNames names;
    ProjectionKind projections = ProjectionKind::Apart;
    bool transposed = false; ///< matrices lie as [in, out]
};

/// All that can be run.
std::span<const Family* const> families();

/// The model's sizes under the names that most types use. What is absent and has no default is a mistake.
struct SizeDefaults {
    std::optional<int> vocabulary, hidden, intermediate, layers, queryHeads;
    std::optional<int> keyHeads, headDim; ///< otherwise: as many as query heads; hidden / query heads
    int maxPositions = 2048;
    double normEps = 1e-6;
    bool tiedOutput = false;
};
void readSizes(ConfigReader& reader, ModelConfig& config, const SizeDefaults& absent = {});

/// "silu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu"; others are noted.
Activation readActivation(ConfigReader& reader, const char* key, const char* absent);

/// Every layer with the scale, the sizes of the config, and the first rotary embedding if the config has any.
void setAllLayers(ModelConfig& config, double scale);

/// Two rotary embeddings, for layers that see everything and for layers that see a window, each with settings of its own in
/// `rope_parameters`. `rope_scaling`, of the old dialect, belongs to the former. The layers' `rotary` is 0 and 1.
void readRotaryPair(ConfigReader& reader, ModelConfig& config, const RotaryDefaults& all, const RotaryDefaults& sliding);
/// After setWindows: layers with a window take the second.
void setRotaryPair(ModelConfig& config);

/// `window` for those that `layer_types` calls sliding, or, when it is absent, for those that `sliding` picks.
void setWindows(ConfigReader& reader, ModelConfig& config, int window, const std::function<bool(int layer)>& sliding);

/// 1 / √headDim.
double usualScale(const ModelConfig& config);

/// As the config's sizes give them.
RotaryDefaults rotaryDefaults(const ModelConfig& config);

} // namespace winnow
