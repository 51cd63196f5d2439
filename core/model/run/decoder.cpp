// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/decoder.h"

#include "core/base/check.h"
#include "core/base/idle_threads.h"
#include "core/model/config/rotary_frequencies.h"
#include "core/model/families/family.h"
#include "core/model/run/attention.h"
#include "core/model/run/device.h"
#include "core/trace/torch_work.h"

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

/// x [heads, n, d]: its first numbers turned by the angles of cos and sin [n, pairs], as pairs (i, i + pairs); the rest as it is.
at::Tensor rotated(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin)
{
    const std::int64_t pairs = cos.size(-1), turned = 2 * pairs;
    const at::Tensor first = x.slice(-1, 0, pairs), second = x.slice(-1, pairs, turned);
    at::Tensor a = first * cos - second * sin, b = second * cos + first * sin;
    if (turned == x.size(-1))
        return at::cat({a, b}, -1);
    return at::cat({a, b, x.slice(-1, turned)}, -1);
}

/// In the memory of `x`.
at::Tensor activated(Activation activation, at::Tensor x)
{
    switch (activation) {
    case Activation::Silu:
        return at::silu_(x);
    case Activation::Gelu:
        return at::gelu_(x);
    case Activation::GeluTanh:
        return at::gelu_(x, "tanh");
    case Activation::Relu:
        return at::relu_(x);
    }
    WINNOW_CHECK(false, "activation {}", static_cast<int>(activation));
}

/// Whether a later layer takes the keys and values of this one.
bool isTaken(const ModelConfig& c, int layer)
{
    return std::ranges::any_of(c.perLayer, [&](const LayerConfig& other) { return other.keysOf == layer; });
}

/// [n, 1]: what queries from `begin` on are multiplied by. It commutes with the rotary embedding.
at::Tensor queryFactors(const ModelConfig& c, std::int64_t begin, std::int64_t end, const at::TensorOptions& options)
{
    const at::Tensor periods = at::floor(at::arange(begin, end, options.dtype(at::kFloat)) / c.queryPeriod);
    return (1 + c.queryGrowth * at::log(1 + periods)).to(options.dtype()).unsqueeze(1);
}

/// Each row with a mean square of 1, in float32.
at::Tensor unitRows(const at::Tensor& x, double eps)
{
    const at::Tensor wide = x.to(at::kFloat);
    return wide * at::rsqrt(wide.square().mean(at::IntArrayRef{-1}, true) + eps);
}

at::Tensor capped(at::Tensor logits, double softcap) { return softcap > 0 ? logits.div_(softcap).tanh_().mul_(softcap) : logits; }

} // namespace

LayerInfo layerInfoOf(const ModelConfig& config, Layer layer, int tokens)
{
    WINNOW_CHECK(raw(layer) >= 0 && raw(layer) < config.layers, "layer {} of {}", raw(layer), config.layers);
    const LayerConfig& c = config.perLayer[static_cast<std::size_t>(raw(layer))];
    LayerInfo info;
    info.queryHeads = config.queryHeads;
    info.keyHeads = c.keyHeads;
    info.headDim = c.headDim;
    info.scale = static_cast<float>(c.scale);
    info.window = c.window;
    info.softcap = static_cast<float>(config.softcap);
    if (c.rotary >= 0) {
        const RotaryFrequencies rotary = rotaryFrequencies(config.rotaries[static_cast<std::size_t>(c.rotary)], tokens);
        info.rotaryScale = static_cast<float>(rotary.scale);
        const float* numbers = rotary.inverse.const_data_ptr<float>();
        info.invFreq.assign(numbers, numbers + rotary.inverse.numel());
    }
    return info;
}

/// Its cache, and what of the rotary embeddings belongs to a text of this length.
class Decoder::Text final : public RunningText {
public:
    Text(const Decoder& model, int room, std::unique_ptr<LayerCache> cache)
        : m_model(model), m_room(room), m_cache(std::move(cache))
    {
        const TorchWork torch;
        for (const RotaryConfig& rotary : model.m_config.rotaries) {
            const RotaryFrequencies frequencies = rotaryFrequencies(rotary, room);
            m_rotaries.push_back(
                {.frequencies = frequencies.inverse.to(model.m_weights.embedding.device()), .scale = frequencies.scale});
        }
    }

    int length() const override { return static_cast<int>(m_length); }
    void standAt(int length) override { m_length = length; }
    Result<void> advance(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                         const JobContext& job) override
    {
        return advance(tokens, chunk, false, observer, job);
    }
    Result<void> advanceByLayer(std::span<const std::int32_t> tokens, int chunk, ForwardObserver& observer,
                                const JobContext& job) override
    {
        return advance(tokens, chunk, true, observer, job);
    }

private:
    struct Rotary {
        at::Tensor frequencies; ///< [pairs] float32
        double scale = 1;
        at::Tensor cos, sin; ///< [n, pairs] of the chunk at hand
    };
    /// A chunk of tokens on its way through the layers.
    struct Chunk {
        std::int64_t begin = 0, end = 0; ///< positions
        at::Tensor x;                    ///< hidden states, [n, hidden]
        at::Tensor inputs;               ///< Decoder::tokenInputs
        std::vector<CacheRows> taken;    ///< [layers]: of layers whose keys and values others take
    };

    Result<void> advance(std::span<const std::int32_t> tokens, int chunk, bool byLayer, ForwardObserver& observer,
                         const JobContext& job);
    Result<void> run(std::span<const std::int32_t> tokens, int chunk, bool byLayer, ForwardObserver& observer,
                     const JobContext& job);
    Chunk begun(const at::Tensor& ids, std::int64_t position) const;
    /// Takes the chunk through one layer.
    Result<void> pass(Chunk& chunk, int number, ForwardObserver& observer);
    void turnTo(std::int64_t begin, std::int64_t end);
    Result<at::Tensor> layer(int layer, Chunk& chunk, ForwardObserver& observer);
    Result<at::Tensor> attend(int layer, const LayerWeights& weights, const at::Tensor& x, Chunk& part,
                              ForwardObserver& observer);

    const Decoder& m_model;
    std::int64_t m_room, m_length = 0;
    std::unique_ptr<LayerCache> m_cache;
    std::vector<Rotary> m_rotaries; ///< as in the config
};

Decoder::Decoder(ModelConfig config, DecoderWeights weights, at::ScalarType dtype)
    : m_config(std::move(config)), m_weights(std::move(weights)), m_dtype(dtype)
{
}

Result<std::unique_ptr<Transformer>> Decoder::load(ModelConfig config, std::shared_ptr<const Weights> weights,
                                                   const LoadOptions& options, const JobContext& job)
{
    const TorchWork torch;
    WINNOW_TRY(DecoderWeights loaded, DecoderWeights::load(config, std::move(weights), options, job));
    return std::unique_ptr<Transformer>(new Decoder(std::move(config), std::move(loaded), options.dtype));
}

LayerInfo Decoder::layerInfo(Layer layer, int tokens) const { return layerInfoOf(m_config, layer, tokens); }

Result<at::Tensor> Decoder::outputProjection(Layer layer) const
{
    WINNOW_CHECK(raw(layer) >= 0 && raw(layer) < m_config.layers, "layer {} of {}", raw(layer), m_config.layers);
    WINNOW_TRY(const LayerWeights weights, m_weights.layer(raw(layer)));
    return weights.attentionOutput.weight;
}

Result<std::unique_ptr<RunningText>> Decoder::begin(int tokens, std::unique_ptr<LayerCache> cache) const
{
    WINNOW_TRY_VOID(m_config.checkLength(tokens));
    spareBusyMachine();
    try {
        return std::make_unique<Text>(*this, tokens, std::move(cache));
    } catch (...) {
        return fail(currentTorchError("running the model"));
    }
}

std::string Decoder::placement() const
{
    std::string text;
    for (int layer = 0; layer < m_config.layers; ++layer)
        if (layer == 0 || m_weights.deviceOf(layer) != m_weights.deviceOf(layer - 1)) {
            text += layer == 0 ? "" : ",";
            text += m_weights.deviceOf(layer).str();
        }
    return m_weights.isStreamed() ? text + ", layer by layer from disk" : text;
}

at::Tensor Decoder::norm(const at::Tensor& x, const NormWeights& w) const
{
    if (!w.weight.defined())
        return x;
    if (m_config.family->norm == NormKind::Layer)
        return at::layer_norm(x, w.weight.sizes(), w.weight, w.bias, m_config.normEps);
    const at::Tensor unit = unitRows(x, m_config.normEps);
    if (m_config.family->norm == NormKind::RmsPlusOne)
        return (unit * (1.0 + w.weight.to(at::kFloat))).to(x.scalar_type());
    if (m_config.family->norm == NormKind::RmsWide)
        return (unit * w.weight.to(at::kFloat)).to(x.scalar_type());
    return w.weight * unit.to(x.scalar_type());
}

at::Tensor Decoder::embed(const at::Tensor& ids, std::int64_t begin) const
{
    at::Tensor x = at::embedding(m_weights.embedding, ids);
    if (m_config.embeddingScale != 1) // rounded to the running type first, as the reference does
        x = x * at::scalar_tensor(m_config.embeddingScale, x.options());
    if (m_weights.positions.defined())
        x = x + m_weights.positions.slice(0, begin, begin + ids.size(0));
    return x;
}

at::Tensor Decoder::tokenInputs(const at::Tensor& ids, const at::Tensor& embedded) const
{
    const std::int64_t size = m_config.tokenInputs;
    if (size == 0)
        return {};
    const auto apart = [&](const at::Tensor& x) { return x.view({ids.size(0), m_config.layers, size}); };
    const at::Tensor own = at::embedding(m_weights.tokenInputs, ids);
    const at::Tensor scale = at::scalar_tensor(std::sqrt(static_cast<double>(size)), own.options());
    const at::Tensor seen = m_weights.tokenInputModel(embedded) * (1 / std::sqrt(static_cast<double>(m_config.hidden)));
    return (norm(apart(seen), m_weights.tokenInputNorm) + apart(own * scale)) * std::sqrt(0.5);
}

at::Tensor Decoder::mlp(const LayerWeights& w, const at::Tensor& x) const
{
    if (!w.gate.weight.defined())
        return w.down(activated(m_config.activation, w.up(x)));
    return w.down(activated(m_config.activation, w.gate(x)).mul_(w.up(x)));
}

at::Tensor Decoder::logits(const at::Tensor& x) const
{
    at::Tensor logits = m_weights.output(norm(x.to(m_weights.output.weight.device()), m_weights.finalNorm));
    if (m_config.logitDivisor != 1)
        logits.div_(m_config.logitDivisor);
    return capped(std::move(logits), m_config.finalSoftcap).to(at::kFloat);
}

void Decoder::Text::turnTo(std::int64_t begin, std::int64_t end)
{
    for (Rotary& rotary : m_rotaries) {
        const at::Tensor angles = at::outer(at::arange(begin, end, rotary.frequencies.options()), rotary.frequencies);
        rotary.cos = (angles.cos() * rotary.scale).to(m_model.m_dtype);
        rotary.sin = (angles.sin() * rotary.scale).to(m_model.m_dtype);
    }
}

Result<at::Tensor> Decoder::Text::attend(int layer, const LayerWeights& w, const at::Tensor& x, Chunk& part,
                                         ForwardObserver& observer)
{
    const ModelConfig& c = m_model.m_config;
    const LayerConfig& settings = c.perLayer[static_cast<std::size_t>(layer)];
    const std::int64_t n = x.size(0);
    const auto heads = [&](const at::Tensor& rows, int count, const NormWeights& norm) {
        const at::Tensor whole = c.family->normsAllHeads ? m_model.norm(rows, norm) : rows;
        const at::Tensor apart = whole.view({n, count, settings.headDim});
        return (c.family->normsAllHeads ? apart : m_model.norm(apart, norm)).transpose(0, 1);
    };
    const auto turned = [&](const at::Tensor& rows) {
        if (settings.rotary < 0)
            return rows;
        const Rotary& rotary = m_rotaries[static_cast<std::size_t>(settings.rotary)];
        return rotated(rows, rotary.cos.to(rows.device()), rotary.sin.to(rows.device()));
    };
    at::Tensor q = heads(w.query(x), c.queryHeads, w.queryNorm);
    if (c.queryGrowth != 0)
        q = q * queryFactors(c, part.begin, part.end, q.options());
    CacheRows chunk{.queries = q, .turnedQueries = turned(q)};
    if (settings.keysOf >= 0) {
        const CacheRows& given = part.taken[static_cast<std::size_t>(settings.keysOf)];
        chunk.keys = given.keys.to(x.device());
        chunk.values = given.values.to(x.device());
        chunk.turnedKeys = given.turnedKeys.to(x.device());
    } else {
        const at::Tensor projected = w.key(x);
        chunk.keys = heads(projected, settings.keyHeads, w.keyNorm);
        const at::Tensor values = heads(settings.valuesFromKeys ? projected : w.value(x), settings.keyHeads, {});
        chunk.values = c.valueNorm ? unitRows(values, c.normEps).to(x.scalar_type()) : values;
        chunk.turnedKeys = turned(chunk.keys);
        if (isTaken(c, layer))
            part.taken[static_cast<std::size_t>(layer)] = {
                .keys = chunk.keys, .values = chunk.values, .turnedKeys = chunk.turnedKeys};
    }
    m_cache->append(layer, chunk);

    const bool wanted = observer.wantsLayerRows();
    const AttentionResult rows =
        m_cache->attend(layer, chunk, {.scale = settings.scale, .window = settings.window, .softcap = c.softcap}, wanted);
    if (wanted)
        WINNOW_TRY_VOID(
            observer.layerRows(Layer{layer}, Position{static_cast<std::int32_t>(part.begin)},
                               LayerRows{.q = q, .k = chunk.keys, .v = chunk.values, .o = rows.output, .lse = rows.lse}));
    return w.attentionOutput(rows.output.transpose(0, 1).reshape({n, -1}));
}

Result<at::Tensor> Decoder::Text::layer(int layer, Chunk& chunk, ForwardObserver& observer)
{
    WINNOW_TRY(const LayerWeights w, m_model.m_weights.layer(layer));
    const at::Tensor x = chunk.x.to(m_model.m_weights.deviceOf(layer));
    const ModelConfig& c = m_model.m_config;
    const auto scaled = [&](at::Tensor added) { return c.residualScale == 1 ? added : added.mul_(c.residualScale); };
    const at::Tensor normed = m_model.norm(x, w.attentionNorm);
    WINNOW_TRY(const at::Tensor attended, attend(layer, w, normed, chunk, observer));
    if (c.parallelResidual)
        return m_model.mlp(w, c.sharedNorm ? normed : m_model.norm(x, w.mlpNorm)).add_(attended).add_(x);
    const at::Tensor middle = scaled(m_model.norm(attended, w.afterAttentionNorm)).add_(x);
    at::Tensor out = scaled(m_model.norm(m_model.mlp(w, m_model.norm(middle, w.mlpNorm)), w.afterMlpNorm)).add_(middle);
    if (chunk.inputs.defined()) {
        const at::Tensor inputs = chunk.inputs.select(1, layer).to(out.device());
        const at::Tensor added = w.tokenInputOutput(activated(c.activation, w.tokenInputGate(out)).mul_(inputs));
        out = m_model.norm(added, w.afterTokenInputNorm).add_(out);
    }
    return w.scale.defined() ? out.mul_(w.scale) : out;
}

Decoder::Text::Chunk Decoder::Text::begun(const at::Tensor& ids, std::int64_t position) const
{
    const at::Tensor there = ids.to(m_model.m_weights.embedding.device());
    Chunk chunk{.begin = position, .end = position + ids.size(0), .x = m_model.embed(there, position)};
    chunk.inputs = m_model.tokenInputs(there, chunk.x);
    chunk.taken.resize(m_model.m_config.perLayer.size());
    return chunk;
}

Result<void> Decoder::Text::pass(Chunk& chunk, int number, ForwardObserver& observer)
{
    WINNOW_TRY(chunk.x, layer(number, chunk, observer));
    return observer.hiddenState(Layer{number}, Position{static_cast<std::int32_t>(chunk.begin)}, chunk.x);
}

Result<void> Decoder::Text::run(std::span<const std::int32_t> tokens, int chunk, bool byLayer, ForwardObserver& observer,
                                const JobContext& job)
{
    const ModelConfig& c = m_model.m_config;
    const auto total = static_cast<std::int64_t>(tokens.size()), start = m_length;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (tokens[i] < 0 || tokens[i] >= c.vocabulary)
            return fail(ErrorCode::BadInput,
                        "token {} has the id {}, but the model knows ids 0 to {}: does the tokenizer belong to it?", start + i,
                        tokens[i], c.vocabulary - 1);
    const at::Tensor ids = at::empty({total}, at::kLong);
    std::ranges::copy(tokens, ids.mutable_data_ptr<std::int64_t>());

    const std::int64_t together = byLayer ? total : chunk; // tokens that pass a layer before the next one begins
    std::int64_t passed = 0;                               // tokens times layers
    for (std::int64_t first = 0; first < total; first += together) {
        std::vector<Chunk> chunks;
        const std::int64_t last = std::min(first + together, total);
        for (std::int64_t begin = first; begin < last; begin += chunk)
            chunks.push_back(begun(ids.slice(0, begin, std::min(begin + chunk, last)), start + begin));
        for (int number = 0; number < c.layers; ++number)
            for (Chunk& part : chunks) {
                WINNOW_TRY_VOID(job.check("running the model"));
                if (total > 1) // a single token is part of somebody else's progress
                    job.report("running the model", static_cast<double>(passed) / static_cast<double>(total * c.layers));
                if (number == 0 || byLayer)
                    turnTo(part.begin, part.end);
                WINNOW_TRY_VOID(pass(part, number, observer));
                passed += part.end - part.begin;
            }
        m_cache->settle(static_cast<int>(last - first));
        m_length = start + last;
        for (const Chunk& part : chunks)
            if (observer.wantsAllLogits())
                WINNOW_TRY_VOID(observer.logits(Position{static_cast<std::int32_t>(part.begin)}, m_model.logits(part.x)));
            else if (part.end == start + total)
                WINNOW_TRY_VOID(observer.logits(Position{static_cast<std::int32_t>(part.end - 1)},
                                                m_model.logits(part.x.slice(0, part.x.size(0) - 1))));
    }
    if (total > 1)
        job.report("running the model", 1.0);
    return {};
}

Result<void> Decoder::Text::advance(std::span<const std::int32_t> tokens, int chunk, bool byLayer, ForwardObserver& observer,
                                    const JobContext& job)
{
    WINNOW_CHECK(chunk > 0, "chunk {}", chunk);
    WINNOW_CHECK(m_length + static_cast<std::int64_t>(tokens.size()) <= m_room, "{} tokens after {} in room for {}",
                 tokens.size(), m_length, m_room);
    try {
        const TorchWork torch;
        return run(tokens, chunk, byLayer, observer, job);
    } catch (...) {
        return fail(currentTorchError("running the model"));
    }
}

} // namespace winnow
