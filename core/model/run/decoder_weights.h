// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of a decoder, taken from wherever they are stored and brought into one form: projections apart, matrices [out, in];
// kept on one device or several, or read layer by layer each time.
#pragma once

#include "core/base/job_context.h"
#include "core/model/config/model_config.h"
#include "core/model/run/linear.h"
#include "core/model/run/transformer.h"
#include "core/model/run/weights.h"

#include <memory>
#include <vector>

namespace winnow {

/// Undefined weight: the layer has no such normalization.
struct NormWeights {
    at::Tensor weight, bias;
};

struct LayerWeights {
    NormWeights attentionNorm, afterAttentionNorm, mlpNorm, afterMlpNorm, queryNorm, keyNorm, afterTokenInputNorm;
    Linear query, key, value, attentionOutput, gate, up, down; ///< key, value and gate may be undefined
    Linear tokenInputGate, tokenInputOutput;                   ///< undefined: no inputs of the token
    at::Tensor scale;                                          ///< [1], or undefined
};

class DecoderWeights {
public:
    /// Takes what the config and its family ask for; the first tensor that is missing or misshapen is the error (of a streamed
    /// layer: once it is run). Parts of joined matrices share their memory where they lie together.
    static Result<DecoderWeights> load(const ModelConfig& config, std::shared_ptr<const Weights> weights,
                                       const LoadOptions& options, const JobContext& job);

    at::Tensor embedding;   ///< [vocabulary, hidden]
    at::Tensor positions;   ///< [maxPositions, hidden], or undefined
    at::Tensor tokenInputs; ///< [rows, layers · inputs], or undefined
    Linear tokenInputModel; ///< from the embedding to as many
    NormWeights tokenInputNorm;
    Linear output; ///< weight [vocabulary, hidden]; shares the embedding's memory when they are tied
    NormWeights finalNorm;

    bool isStreamed() const { return m_stream != nullptr; }
    at::Device deviceOf(int layer) const { return m_devices[static_cast<std::size_t>(layer)]; }
    /// Shares its memory. Streamed: read now, unless it is the one that was read last. From any thread.
    Result<LayerWeights> layer(int number) const;

private:
    struct Stream;
    std::vector<at::Device> m_devices;  ///< of each layer
    std::vector<LayerWeights> m_layers; ///< empty when streamed
    std::shared_ptr<Stream> m_stream;   ///< unset when not
};

} // namespace winnow
