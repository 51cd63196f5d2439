#include "core/replay/trace_prompt_layer.h"

#include "core/replay/layer_tensors.h"
#include "core/trace/rotary.h"

#include <limits>

namespace winnow {

namespace {

constexpr int kChunk = 256; ///< queries whose attention is held at a time

/// What the trace holds, computed at the first call.
template <class Make>
const at::Tensor& kept(at::Tensor& cache, const Make& make)
{
    if (!cache.defined())
        cache = make();
    return cache;
}

} // namespace

TracePromptLayer::TracePromptLayer(const Trace& trace, int layerIndex, int prompt, at::Device device)
    : m_trace(trace), m_index(layerIndex), m_info(trace.info().layerInfo[static_cast<std::size_t>(layerIndex)]), m_device(device)
{
    layer = raw(trace.info().layers[static_cast<std::size_t>(layerIndex)]);
    queryHeads = m_info.queryHeads;
    keyHeads = m_info.keyHeads;
    headDim = m_info.headDim;
    first = m_info.window > 0 ? std::max(0, prompt - m_info.window + 1) : 0;
    tokens = prompt - first;
}

TracePromptLayer TracePromptLayer::whole(const Trace& trace, int layerIndex, at::Device device)
{
    TracePromptLayer layer(trace, layerIndex, trace.tokenCount(), device);
    layer.first = 0;
    layer.tokens = trace.tokenCount();
    return layer;
}

at::Tensor TracePromptLayer::read(Rows what, int begin, int end) const
{
    auto rows = readTensor(m_trace, m_index, what, begin, end);
    if (!rows)
        throw PromptReadFailed{std::move(rows).error()};
    return std::move(*rows);
}

at::Tensor TracePromptLayer::rotated(at::Tensor rows, int begin) const
{
    auto turned = rows.clone();
    rotate(m_info, {turned.data_ptr<float>(), static_cast<std::size_t>(turned.numel())}, static_cast<int>(turned.size(0)),
           Position{begin});
    return turned;
}

at::Tensor TracePromptLayer::plainKeys()
{
    return kept(m_plainKeys, [&] { return read(Rows::Key, first, prompt()).to(m_device); });
}
at::Tensor TracePromptLayer::keys()
{
    return kept(m_keys, [&] { return rotated(read(Rows::Key, first, prompt()), first).to(m_device); });
}
at::Tensor TracePromptLayer::values()
{
    return kept(m_values, [&] { return read(Rows::Value, first, prompt()).to(m_device); });
}
at::Tensor TracePromptLayer::plainQueries()
{
    return kept(m_queries, [&] { return read(Rows::Query, first, prompt()).to(m_device); });
}
at::Tensor TracePromptLayer::queries()
{
    return kept(m_rotatedQueries, [&] { return rotated(read(Rows::Query, first, prompt()), first).to(m_device); });
}
at::Tensor TracePromptLayer::valueOutputNorms()
{
    return kept(m_norms, [&] { return read(Rows::ValueOutputNorm, first, prompt()).to(m_device); });
}

at::Tensor TracePromptLayer::logitsOf(int begin, int end)
{
    const auto queries = rotated(read(Rows::Query, begin, end), begin).to(m_device) * m_info.scale;
    auto logits = at::matmul(queries.view({keyHeads, group() * (end - begin), headDim}), keys().transpose(1, 2));
    if (m_info.softcap > 0)
        logits = m_info.softcap * at::tanh(logits / m_info.softcap);
    return logits.view({queryHeads, end - begin, tokens});
}

at::Tensor TracePromptLayer::rowsOf(int begin, int end)
{
    const auto normalizer = read(Rows::LogSumExp, begin, end).to(m_device);
    auto rows = logitsOf(begin, end).sub_(normalizer.unsqueeze(-1));
    const auto long64 = at::TensorOptions(at::kLong).device(m_device);
    const auto distance = at::arange(begin, end, long64).unsqueeze(1) - at::arange(first, prompt(), long64).unsqueeze(0);
    auto unseen = distance < 0;
    if (m_info.window > 0)
        unseen = unseen.logical_or(distance >= m_info.window);
    return rows.masked_fill_(unseen, -std::numeric_limits<float>::infinity()).exp_();
}

at::Tensor TracePromptLayer::logits(int begin, int end) { return logitsOf(first + begin, first + end); }

at::Tensor TracePromptLayer::rows(int count)
{
    auto& rows = m_rows[count];
    return kept(rows, [&] { return rowsOf(prompt() - count, prompt()); });
}

at::Tensor TracePromptLayer::receivedAttention()
{
    return kept(m_received, [&] {
        auto received = at::zeros({queryHeads, tokens}, at::TensorOptions(at::kDouble).device(m_device));
        for (int begin = first; begin < prompt(); begin += kChunk) // earlier queries see no live token
            received += rowsOf(begin, std::min(prompt(), begin + kChunk)).sum(1, false, at::kDouble);
        return received;
    });
}

std::pair<at::Tensor, at::Tensor> TracePromptLayer::rotaryAt(int begin, int end)
{
    const auto [cosines, sines] = rotaryTensors(m_info, begin, end);
    return {cosines.to(m_device), sines.to(m_device)};
}

} // namespace winnow
