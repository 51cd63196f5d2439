// SPDX-License-Identifier: GPL-3.0-or-later
// The one transformer: a decoder with causal attention over a cache from outside, driven by a config and its family's table.
#pragma once

#include "core/model/run/decoder_weights.h"
#include "core/model/run/transformer.h"

namespace winnow {

class Decoder final : public Transformer {
public:
    /// Takes every tensor it needs from `weights`; the first that is missing or misshapen is the error.
    static Result<std::unique_ptr<Transformer>> load(ModelConfig config, std::shared_ptr<const Weights> weights,
                                                     const LoadOptions& options, const JobContext& job);

    const ModelConfig& config() const override { return m_config; }
    std::string placement() const override;
    LayerInfo layerInfo(Layer layer, int tokens) const override;
    Result<at::Tensor> outputProjection(Layer layer) const override;
    using Transformer::begin;
    Result<std::unique_ptr<RunningText>> begin(int tokens, std::unique_ptr<LayerCache> cache) const override;

private:
    class Text;

    Decoder(ModelConfig config, DecoderWeights weights, at::ScalarType dtype);
    at::Tensor norm(const at::Tensor& x, const NormWeights& weights) const;
    at::Tensor embed(const at::Tensor& ids, std::int64_t begin) const;
    /// [n, layers, inputs]: what every layer is given of each token besides the hidden state; undefined where that is nothing.
    at::Tensor tokenInputs(const at::Tensor& ids, const at::Tensor& embedded) const;
    at::Tensor mlp(const LayerWeights& weights, const at::Tensor& x) const;
    at::Tensor logits(const at::Tensor& x) const;

    ModelConfig m_config;
    DecoderWeights m_weights;
    at::ScalarType m_dtype;
};

} // namespace winnow
