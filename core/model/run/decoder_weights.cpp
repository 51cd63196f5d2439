// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/decoder_weights.h"

#include "core/model/families/family.h"

#include <mutex>

namespace winnow {
namespace {

/// A model's tensors, and how they are stored.
struct Source {
    ModelConfig config;
    std::shared_ptr<const Weights> weights;
    StoredForm form;
    std::string base; ///< before every name but the output matrix's
};

/// Reads the tensors below one prefix onto one device.
class Loader {
public:
    Loader(const Source& source, std::string prefix, at::Device device)
        : m_source(source), m_prefix(std::move(prefix)), m_device(device)
    {
    }

    const StoredForm& form() const { return m_source.form; }
    at::Device device() const { return m_device; }

    Result<at::Tensor> tensor(std::string_view name, std::initializer_list<std::int64_t> shape) const
    {
        return m_source.weights->get(m_prefix + std::string(name), shape, m_device);
    }

    Result<Linear> linear(std::string_view name, std::int64_t out, std::int64_t in, bool biased) const
    {
        Linear result;
        if (name.empty())
            return result;
        const std::string stem(name);
        if (form().transposed) {
            WINNOW_TRY(const at::Tensor stored, tensor(stem + ".weight", {in, out}));
            result.weight = stored.t();
        } else {
            WINNOW_TRY(result.weight, tensor(stem + ".weight", {out, in}));
        }
        if (biased) {
            WINNOW_TRY(result.bias, tensor(stem + ".bias", {out}));
        }
        return result;
    }

    Result<NormWeights> norm(std::string_view name, std::int64_t size) const
    {
        NormWeights result;
        if (name.empty())
            return result;
        const std::string stem(name);
        WINNOW_TRY(result.weight, tensor(stem + ".weight", {size}));
        if (m_source.config.family->norm == NormKind::Layer) {
            WINNOW_TRY(result.bias, tensor(stem + ".bias", {size}));
        }
        return result;
    }

private:
    const Source& m_source;
    std::string m_prefix;
    at::Device m_device;
};

Linear rows(const Linear& all, std::int64_t begin, std::int64_t end)
{
    return {all.weight.slice(0, begin, end), all.bias.defined() ? all.bias.slice(0, begin, end) : at::Tensor()};
}

/// The heads [begin, end) of every group of `perGroup`: [groups · perGroup · d, …] → [groups · (end − begin) · d, …].
Linear partOfGroups(const Linear& all, std::int64_t groups, std::int64_t perGroup, std::int64_t begin, std::int64_t end)
{
    const auto pick = [&](const at::Tensor& x) {
        return x.unflatten(0, {groups, perGroup, -1}).slice(1, begin, end).flatten(0, 2).contiguous();
    };
    return {pick(all.weight), all.bias.defined() ? pick(all.bias) : at::Tensor()};
}

Result<void> loadProjections(const ModelConfig& c, const LayerConfig& layer, const Loader& loader, LayerWeights& w)
{
    const TensorNames& names = loader.form().names;
    const std::int64_t queries = std::int64_t{c.queryHeads} * layer.headDim, keys = std::int64_t{layer.keyHeads} * layer.headDim;
    if (loader.form().projections == ProjectionKind::Apart) {
        WINNOW_TRY(w.query, loader.linear(names.query, queries, c.hidden, c.inputBias));
        if (layer.keysOf < 0) {
            WINNOW_TRY(w.key, loader.linear(names.key, keys, c.hidden, c.inputBias));
            WINNOW_TRY(w.value, loader.linear(layer.valuesFromKeys ? "" : names.value, keys, c.hidden, c.inputBias));
        }
        return {};
    }
    WINNOW_TRY(const Linear all, loader.linear(names.query, queries + 2 * keys, c.hidden, c.inputBias));
    if (loader.form().projections == ProjectionKind::Joined) {
        w.query = rows(all, 0, queries);
        w.key = rows(all, queries, queries + keys);
        w.value = rows(all, queries + keys, queries + 2 * keys);
    } else {
        const std::int64_t group = c.queryHeads / layer.keyHeads, size = group + 2;
        w.query = partOfGroups(all, layer.keyHeads, size, 0, group);
        w.key = partOfGroups(all, layer.keyHeads, size, group, group + 1);
        w.value = partOfGroups(all, layer.keyHeads, size, group + 1, size);
    }
    return {};
}

Result<void> loadMlp(const ModelConfig& c, std::int64_t intermediate, const Loader& loader, LayerWeights& w)
{
    const TensorNames& names = loader.form().names;
    if (c.family->gateInUp) {
        WINNOW_TRY(const Linear both, loader.linear(names.up, 2 * intermediate, c.hidden, c.mlpBias));
        w.gate = rows(both, 0, intermediate);
        w.up = rows(both, intermediate, 2 * intermediate);
    } else {
        WINNOW_TRY(w.gate, loader.linear(names.gate, intermediate, c.hidden, c.mlpBias));
        WINNOW_TRY(w.up, loader.linear(names.up, intermediate, c.hidden, c.mlpBias));
    }
    WINNOW_TRY(w.down, loader.linear(names.down, c.hidden, intermediate, c.mlpBias));
    return {};
}

/// What a layer does with what it is given of the token, and what multiplies the whole.
Result<void> loadEnd(const ModelConfig& c, const Loader& loader, LayerWeights& w)
{
    const TensorNames& names = loader.form().names;
    if (c.tokenInputs > 0) {
        WINNOW_TRY(w.tokenInputGate, loader.linear(names.tokenInputGate, c.tokenInputs, c.hidden, false));
        WINNOW_TRY(w.tokenInputOutput, loader.linear(names.tokenInputOutput, c.hidden, c.tokenInputs, false));
        WINNOW_TRY(w.afterTokenInputNorm, loader.norm(names.afterTokenInputNorm, c.hidden));
    }
    if (!names.layerScale.empty()) {
        WINNOW_TRY(w.scale, loader.tensor(names.layerScale, {1}));
    }
    return {};
}

Result<LayerWeights> loadLayer(const Source& source, int number, at::Device device)
{
    const ModelConfig& c = source.config;
    const TensorNames& names = source.form.names;
    const Loader loader(source, fmt::format("{}{}{}.", source.base, names.layers, number), device);
    LayerWeights w;
    WINNOW_TRY(w.attentionNorm, loader.norm(names.attentionNorm, c.hidden));
    WINNOW_TRY(w.afterAttentionNorm, loader.norm(names.afterAttentionNorm, c.hidden));
    WINNOW_TRY(w.mlpNorm, loader.norm(c.sharedNorm ? "" : names.mlpNorm, c.hidden));
    WINNOW_TRY(w.afterMlpNorm, loader.norm(names.afterMlpNorm, c.hidden));
    const bool all = c.family->normsAllHeads;
    const LayerConfig& layer = c.perLayer[static_cast<std::size_t>(number)];
    WINNOW_TRY(w.queryNorm, loader.norm(names.queryNorm, (all ? std::int64_t{c.queryHeads} : 1) * layer.headDim));
    WINNOW_TRY(w.keyNorm,
               loader.norm(layer.keysOf < 0 ? names.keyNorm : "", (all ? std::int64_t{layer.keyHeads} : 1) * layer.headDim));
    WINNOW_TRY_VOID(loadProjections(c, layer, loader, w));
    WINNOW_TRY(w.attentionOutput,
               loader.linear(names.attentionOutput, c.hidden, std::int64_t{c.queryHeads} * layer.headDim, c.outputBias));
    WINNOW_TRY_VOID(loadMlp(c, layer.intermediate, loader, w));
    WINNOW_TRY_VOID(loadEnd(c, loader, w));
    return w;
}

/// The first of the family's prefixes under which the embedding is found, or the last normalization where the embedding is not
/// stored; else the first of all, for the sentence.
std::string basePrefix(const TensorNames& names, const Weights& weights)
{
    for (const std::string& name : {std::string(names.embedding), std::string(names.finalNorm) + ".weight"})
        for (const std::string_view base : names.bases)
            if (weights.contains(std::string(base) + name))
                return std::string(base);
    return std::string(names.bases.front());
}

/// The embedding and the output matrix. Where the config calls them tied, transformers 5.24 (modeling_utils.py, tie_weights)
/// takes whichever is stored for both, and ties two that are stored only if they are equal.
Result<void> loadEnds(const Source& source, const Loader& before, at::Device last, DecoderWeights& w)
{
    const ModelConfig& c = source.config;
    const Weights& weights = *source.weights;
    const std::string name(source.form.names.output), nested = "language_model." + name;
    const std::string output = !weights.contains(name + ".weight") && weights.contains(nested + ".weight") ? nested : name;
    const bool stored = weights.contains(output + ".weight");
    const auto matrix = [&] { return weights.get(output + ".weight", {c.vocabulary, c.hidden}, last); };
    if (c.logitBias) {
        WINNOW_TRY(w.output.bias, weights.get(output + ".bias", {c.vocabulary}, last));
    }
    if (c.tiedOutput && stored && !weights.contains(source.base + std::string(source.form.names.embedding))) {
        WINNOW_TRY(w.output.weight, matrix());
        w.embedding = w.output.weight.to(before.device());
        return {};
    }
    WINNOW_TRY(w.embedding, before.tensor(source.form.names.embedding, {c.vocabulary, c.hidden}));
    w.output.weight = w.embedding.to(last);
    if (c.tiedOutput && !stored)
        return {};
    WINNOW_TRY(at::Tensor own, matrix());
    if (!c.tiedOutput || own.is_meta() || !at::equal(own, w.output.weight))
        w.output.weight = std::move(own);
    return {};
}

} // namespace

struct DecoderWeights::Stream {
    Source source;
    std::mutex mutex;
    int number = -1; ///< of the layer read last
    LayerWeights layer;
};

Result<DecoderWeights> DecoderWeights::load(const ModelConfig& c, std::shared_ptr<const Weights> weights,
                                            const LoadOptions& options, const JobContext& job)
{
    const StoredForm form = weights->form(*c.family);
    const TensorNames& names = form.names;
    const std::string base = basePrefix(names, *weights);
    const Source source{.config = c, .weights = std::move(weights), .form = form, .base = base};
    const at::Device first = options.devices.front(), last = options.devices.back();
    DecoderWeights w;
    const auto deviceCount = static_cast<int>(options.devices.size());
    for (int layer = 0; layer < c.layers; ++layer)
        w.m_devices.push_back(options.devices[static_cast<std::size_t>(std::int64_t{layer} * deviceCount / c.layers)]);

    const Loader before(source, base, first), behind(source, base, last);
    WINNOW_TRY_VOID(loadEnds(source, before, last, w));
    if (!names.positions.empty()) {
        WINNOW_TRY(w.positions, before.tensor(names.positions, {c.maxPositions, c.hidden}));
    }
    if (c.tokenInputs > 0) {
        const std::int64_t numbers = std::int64_t{c.layers} * c.tokenInputs;
        WINNOW_TRY(w.tokenInputs, before.tensor(names.tokenInputs, {c.tokenInputRows, numbers}));
        WINNOW_TRY(w.tokenInputModel, before.linear(names.tokenInputModel, numbers, c.hidden, false));
        WINNOW_TRY(w.tokenInputNorm, before.norm(names.tokenInputNorm, c.tokenInputs));
    }
    WINNOW_TRY(w.finalNorm, behind.norm(names.finalNorm, c.hidden));
    if (options.streamed) {
        w.m_stream = std::make_shared<Stream>();
        w.m_stream->source = source;
        return w;
    }
    for (int layer = 0; layer < c.layers; ++layer) {
        WINNOW_TRY_VOID(job.check("reading the weights"));
        job.report("reading the weights", static_cast<double>(layer) / c.layers);
        WINNOW_TRY(LayerWeights loaded, loadLayer(source, layer, w.deviceOf(layer)));
        w.m_layers.push_back(std::move(loaded));
    }
    return w;
}

Result<LayerWeights> DecoderWeights::layer(int number) const
{
    if (!m_stream)
        return m_layers[static_cast<std::size_t>(number)];
    const std::lock_guard lock(m_stream->mutex);
    if (m_stream->number != number) {
        m_stream->number = -1;
        m_stream->layer = {}; // before the next one is read
        WINNOW_TRY(m_stream->layer, loadLayer(m_stream->source, number, deviceOf(number)));
        m_stream->number = number;
    }
    return m_stream->layer;
}

} // namespace winnow
