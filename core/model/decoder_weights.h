// The weights of a decoder, taken from wherever they are stored and brought into one form: projections apart, matrices [out, in].
#pragma once

#include "core/base/job_context.h"
#include "core/model/model_config.h"
#include "core/model/weights.h"

#include <vector>

namespace winnow {

struct Linear {
    at::Tensor weight; ///< [out, in]
    at::Tensor bias;   ///< [out]; undefined: none
    at::Tensor operator()(const at::Tensor& x) const;
};

/// Undefined weight: the layer has no such normalization.
struct NormWeights {
    at::Tensor weight, bias;
};

struct LayerWeights {
    NormWeights attentionNorm, afterAttentionNorm, mlpNorm, afterMlpNorm, queryNorm, keyNorm;
    Linear query, key, value, attentionOutput, gate, up, down; ///< gate may be undefined
};

struct DecoderWeights {
    at::Tensor embedding; ///< [vocabulary, hidden]
    at::Tensor positions; ///< [maxPositions, hidden], or undefined
    at::Tensor output;    ///< [vocabulary, hidden]; the embedding when they are tied
    NormWeights finalNorm;
    std::vector<LayerWeights> layers;
};

/// Takes what the config and its family ask for; the first tensor that is missing or misshapen is the error. Parts of joined
/// matrices share their memory where they lie together.
Result<DecoderWeights> loadDecoderWeights(const ModelConfig& config, const Weights& weights, const JobContext& job);

} // namespace winnow
