// The Llama family (Touvron et al. 2023; grouped queries as in Llama 2, scaled rotary frequencies as in Llama 3.1), computed as
// transformers' modeling_llama.py computes it.
#pragma once

#include "core/model/transformer.h"
#include "core/model/weights.h"

namespace winnow {

class Llama final : public Transformer {
public:
    /// Takes every tensor it needs from `weights`; the first that is missing or misshapen is the error.
    static Result<std::unique_ptr<Transformer>> load(ModelConfig config, const Weights& weights, const LoadOptions& options,
                                                     const JobContext& job);

    const ModelConfig& config() const override { return m_config; }
    LayerInfo layerInfo(Layer layer) const override;
    at::Tensor outputProjection(Layer layer) const override;
    Result<void> forward(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                         const JobContext& job) override;

private:
    struct Linear {
        at::Tensor weight, bias; ///< bias undefined: none
        at::Tensor operator()(const at::Tensor& x) const;
    };
    struct LayerWeights {
        at::Tensor attentionNorm, mlpNorm;
        Linear q, k, v, o, gate, up, down;
    };
    struct Cache;

    Llama(ModelConfig config, const LoadOptions& options);
    Result<void> loadWeights(const Weights& weights, const JobContext& job);
    Result<void> run(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer, const JobContext& job);
    Result<at::Tensor> attend(int layer, const at::Tensor& x, std::int64_t begin, Cache& cache, ForwardObserver& observer) const;
    at::Tensor norm(const at::Tensor& x, const at::Tensor& weight) const;

    ModelConfig m_config;
    LoadOptions m_options;
    double m_scale;
    at::Tensor m_invFreq; // [headDim / 2] float32
    at::Tensor m_embedding, m_finalNorm, m_output;
    std::vector<LayerWeights> m_layers;
};

} // namespace winnow
