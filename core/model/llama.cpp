#include "core/model/llama.h"

#include "core/base/check.h"
#include "core/model/attention.h"
#include "core/model/device.h"

#include <c10/core/InferenceMode.h>

#include <cmath>
#include <numbers>

namespace winnow {
namespace {

/// [headDim / 2] float32, with the operators of transformers' modeling_rope_utils.py in their order, so that the bits agree.
at::Tensor rotaryFrequencies(const ModelConfig& config)
{
    const RotaryConfig& rotary = config.rotary;
    const at::Tensor exponents = at::arange(0, config.headDim, 2, at::kFloat) / config.headDim;
    const at::Tensor plain = at::reciprocal(at::pow(at::Scalar(rotary.theta), exponents));
    if (rotary.type != "llama3")
        return plain;
    const double lowWavelength = rotary.originalPositions / rotary.lowFrequencyFactor;
    const double highWavelength = rotary.originalPositions / rotary.highFrequencyFactor;
    const at::Tensor wavelength = 2 * std::numbers::pi / plain;
    const at::Tensor scaled = at::where(wavelength > lowWavelength, plain / rotary.factor, plain);
    const at::Tensor smooth = (rotary.originalPositions / wavelength - rotary.lowFrequencyFactor) /
                              (rotary.highFrequencyFactor - rotary.lowFrequencyFactor);
    const at::Tensor smoothed = (1 - smooth) * scaled / rotary.factor + smooth * scaled;
    const at::Tensor between = at::logical_and(wavelength >= highWavelength, wavelength <= lowWavelength);
    return at::where(between, smoothed, scaled);
}

/// x [heads, n, d] with its halves as the two coordinates of each pair, turned by the angles of cos and sin [n, d / 2].
at::Tensor rotated(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin)
{
    const std::int64_t half = x.size(-1) / 2;
    const at::Tensor first = x.slice(-1, 0, half), second = x.slice(-1, half);
    return at::cat({first * cos - second * sin, second * cos + first * sin}, -1);
}

} // namespace

struct Llama::Cache {
    std::vector<at::Tensor> keys, values; // per layer [Hkv, T, d]; keys are rotated
    at::Tensor cos, sin;                  // [n, d / 2] of the chunk at hand
};

at::Tensor Llama::Linear::operator()(const at::Tensor& x) const
{
    return bias.defined() ? at::linear(x, weight, bias) : at::linear(x, weight);
}

Llama::Llama(ModelConfig config, const LoadOptions& options)
    : m_config(std::move(config)), m_options(options), m_scale(1.0 / std::sqrt(static_cast<double>(m_config.headDim)))
{
}

Result<std::unique_ptr<Transformer>> Llama::load(ModelConfig config, const Weights& weights, const LoadOptions& options,
                                                 const JobContext& job)
{
    std::unique_ptr<Llama> model(new Llama(std::move(config), options));
    WINNOW_TRY_VOID(model->loadWeights(weights, job));
    return model;
}

Result<void> Llama::loadWeights(const Weights& weights, const JobContext& job)
{
    const c10::InferenceMode inference;
    const ModelConfig& c = m_config;
    const std::int64_t hidden = c.hidden, inner = c.intermediate, queries = std::int64_t{c.queryHeads} * c.headDim,
                       keys = std::int64_t{c.keyHeads} * c.headDim;
    const auto linear = [&](const std::string& name, std::int64_t out, std::int64_t in, bool biased) -> Result<Linear> {
        Linear result;
        WINNOW_TRY(result.weight, weights.get(name + ".weight", {out, in}));
        if (biased) {
            WINNOW_TRY(result.bias, weights.get(name + ".bias", {out}));
        }
        return result;
    };
    m_invFreq = rotaryFrequencies(c).to(m_options.device);
    WINNOW_TRY(m_embedding, weights.get("model.embed_tokens.weight", {c.vocabulary, hidden}));
    WINNOW_TRY(m_finalNorm, weights.get("model.norm.weight", {hidden}));
    m_output = m_embedding;
    if (!c.tiedOutput) {
        WINNOW_TRY(m_output, weights.get("lm_head.weight", {c.vocabulary, hidden}));
    }
    for (int layer = 0; layer < c.layers; ++layer) {
        WINNOW_TRY_VOID(job.check("reading the weights"));
        job.report("reading the weights", static_cast<double>(layer) / c.layers);
        const std::string prefix = fmt::format("model.layers.{}.", layer);
        LayerWeights& w = m_layers.emplace_back();
        WINNOW_TRY(w.attentionNorm, weights.get(prefix + "input_layernorm.weight", {hidden}));
        WINNOW_TRY(w.mlpNorm, weights.get(prefix + "post_attention_layernorm.weight", {hidden}));
        WINNOW_TRY(w.q, linear(prefix + "self_attn.q_proj", queries, hidden, c.attentionBias));
        WINNOW_TRY(w.k, linear(prefix + "self_attn.k_proj", keys, hidden, c.attentionBias));
        WINNOW_TRY(w.v, linear(prefix + "self_attn.v_proj", keys, hidden, c.attentionBias));
        WINNOW_TRY(w.o, linear(prefix + "self_attn.o_proj", hidden, queries, c.attentionBias));
        WINNOW_TRY(w.gate, linear(prefix + "mlp.gate_proj", inner, hidden, c.mlpBias));
        WINNOW_TRY(w.up, linear(prefix + "mlp.up_proj", inner, hidden, c.mlpBias));
        WINNOW_TRY(w.down, linear(prefix + "mlp.down_proj", hidden, inner, c.mlpBias));
    }
    return {};
}

LayerInfo Llama::layerInfo(Layer layer) const
{
    WINNOW_CHECK(raw(layer) >= 0 && raw(layer) < m_config.layers, "layer {} of {}", raw(layer), m_config.layers);
    LayerInfo info;
    info.queryHeads = m_config.queryHeads;
    info.keyHeads = m_config.keyHeads;
    info.headDim = m_config.headDim;
    info.scale = static_cast<float>(m_scale);
    const at::Tensor frequencies = m_invFreq.to(at::kCPU).contiguous();
    info.invFreq.assign(frequencies.const_data_ptr<float>(), frequencies.const_data_ptr<float>() + frequencies.numel());
    return info;
}

at::Tensor Llama::outputProjection(Layer layer) const
{
    WINNOW_CHECK(raw(layer) >= 0 && raw(layer) < m_config.layers, "layer {} of {}", raw(layer), m_config.layers);
    return m_layers[static_cast<std::size_t>(raw(layer))].o.weight;
}

at::Tensor Llama::norm(const at::Tensor& x, const at::Tensor& weight) const
{
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor variance = wide.square().mean(at::IntArrayRef{-1}, true);
    return weight * (wide * at::rsqrt(variance + m_config.rmsNormEps)).to(x.scalar_type());
}

Result<at::Tensor> Llama::attend(int layer, const at::Tensor& x, std::int64_t begin, Cache& cache,
                                 ForwardObserver& observer) const
{
    const LayerWeights& w = m_layers[static_cast<std::size_t>(layer)];
    const std::int64_t n = x.size(0), end = begin + n, d = m_config.headDim;
    const auto heads = [&](const at::Tensor& rows, int count) { return rows.view({n, count, d}).transpose(0, 1); };
    const at::Tensor q = heads(w.q(x), m_config.queryHeads);
    const at::Tensor k = heads(w.k(x), m_config.keyHeads);
    const at::Tensor v = heads(w.v(x), m_config.keyHeads);
    at::Tensor& keys = cache.keys[static_cast<std::size_t>(layer)];
    at::Tensor& values = cache.values[static_cast<std::size_t>(layer)];
    keys.slice(1, begin, end).copy_(rotated(k, cache.cos, cache.sin));
    values.slice(1, begin, end).copy_(v);

    const bool wanted = observer.wantsLayerRows();
    const AttentionRows rows =
        causalAttention(rotated(q, cache.cos, cache.sin), keys.slice(1, 0, end), values.slice(1, 0, end), m_scale, wanted);
    if (wanted)
        WINNOW_TRY_VOID(observer.layerRows(Layer{layer}, Position{static_cast<std::int32_t>(begin)},
                                           LayerRows{.q = q, .k = k, .v = v, .o = rows.output, .lse = rows.lse}));
    return w.o(rows.output.transpose(0, 1).reshape({n, -1}));
}

Result<void> Llama::run(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer, const JobContext& job)
{
    const auto total = static_cast<std::int64_t>(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i] < 0 || tokens[i] >= m_config.vocabulary)
            return fail(ErrorCode::BadInput,
                        "token {} has the id {}, but the model knows ids 0 to {}: does the tokenizer belong to it?", i, tokens[i],
                        m_config.vocabulary - 1);

    const at::TensorOptions options = at::TensorOptions(m_options.dtype).device(m_options.device);
    const at::Tensor ids = at::empty({total}, at::kInt);
    std::copy(tokens.begin(), tokens.end(), ids.mutable_data_ptr<std::int32_t>());
    const at::Tensor idsThere = ids.to(m_options.device);
    Cache cache;
    for (int layer = 0; layer < m_config.layers; ++layer) {
        cache.keys.push_back(at::empty({m_config.keyHeads, total, m_config.headDim}, options));
        cache.values.push_back(at::empty({m_config.keyHeads, total, m_config.headDim}, options));
    }

    for (std::int64_t begin = 0; begin < total; begin += chunk) {
        const std::int64_t end = std::min<std::int64_t>(begin + chunk, total);
        const at::Tensor angles = at::outer(at::arange(begin, end, options.dtype(at::kFloat)), m_invFreq);
        cache.cos = angles.cos().to(m_options.dtype);
        cache.sin = angles.sin().to(m_options.dtype);
        at::Tensor x = at::embedding(m_embedding, idsThere.slice(0, begin, end));
        for (int layer = 0; layer < m_config.layers; ++layer) {
            WINNOW_TRY_VOID(job.check("running the model"));
            job.report("running the model",
                       (static_cast<double>(begin) + static_cast<double>(end - begin) * layer / m_config.layers) /
                           static_cast<double>(total));
            const LayerWeights& w = m_layers[static_cast<std::size_t>(layer)];
            WINNOW_TRY(const at::Tensor attended, attend(layer, norm(x, w.attentionNorm), begin, cache, observer));
            x = x + attended;
            const at::Tensor inner = norm(x, w.mlpNorm);
            x = x + w.down(at::silu(w.gate(inner)) * w.up(inner));
        }
        const at::Tensor logits = at::linear(norm(x, m_finalNorm), m_output).to(at::kFloat);
        WINNOW_TRY_VOID(observer.logits(Position{static_cast<std::int32_t>(begin)}, logits));
    }
    job.report("running the model", 1.0);
    return {};
}

Result<void> Llama::forward(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer, const JobContext& job)
{
    WINNOW_CHECK(chunk > 0, "chunk {}", chunk);
    try {
        const c10::InferenceMode inference;
        return run(tokens, chunk, observer, job);
    } catch (...) {
        return fail(currentTorchError("running the model"));
    }
}

} // namespace winnow
