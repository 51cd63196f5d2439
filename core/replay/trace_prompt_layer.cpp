// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/trace_prompt_layer.h"

#include "core/replay/trace_tensors.h"

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

int TracePromptLayer::firstLive(const LayerInfo& layer, int prompt)
{
    return layer.window > 0 ? std::max(0, prompt - layer.window + 1) : 0;
}

TracePromptLayer::TracePromptLayer(const Trace& trace, int layerIndex, int prompt, at::Device device, RotaryTables& tables)
    : m_trace(trace), m_index(layerIndex), m_info(trace.info().layerInfo[static_cast<std::size_t>(layerIndex)]), m_device(device),
      m_tables(tables)
{
    layer = raw(trace.info().layers[static_cast<std::size_t>(layerIndex)]);
    queryHeads = m_info.queryHeads;
    keyHeads = m_info.keyHeads;
    headDim = m_info.headDim;
    if (const auto ran = trace.info().manifest.find("dtype"); ran != trace.info().manifest.end())
        modelType = ran->second == "float16" ? at::kHalf : ran->second == "bfloat16" ? at::kBFloat16 : at::kFloat;
    first = firstLive(m_info, prompt);
    tokens = prompt - first;
}

TracePromptLayer TracePromptLayer::whole(const Trace& trace, int layerIndex, at::Device device, RotaryTables& tables)
{
    TracePromptLayer layer(trace, layerIndex, trace.tokenCount(), device, tables);
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

at::Tensor TracePromptLayer::onDevice(const at::Tensor& rows) const
{
    if (!m_device.is_cuda())
        return rows.to(m_device);
    return rows.pin_memory().to(m_device, true); // copies of other memory wait
}

at::Tensor TracePromptLayer::rotated(at::Tensor rows, int begin) const
{
    rotate(m_info, m_tables.of(m_info), {rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())},
           static_cast<int>(rows.size(0)), begin);
    return rows;
}

at::Tensor TracePromptLayer::plainKeys()
{
    return kept(m_plainKeys, [&] { return onDevice(read(Rows::Key, first, prompt())); });
}
at::Tensor TracePromptLayer::keyNorms()
{
    // Turning pairs changes no length; the rotary scale changes theirs.
    const auto turning = 2 * static_cast<std::int64_t>(m_info.invFreq.size());
    if (turning == 0 || m_info.rotaryScale == 1)
        return lengthsOf(plainKeys());
    return (lengthsOf(plainKeys().slice(-1, 0, turning)) * static_cast<double>(m_info.rotaryScale))
        .hypot(lengthsOf(plainKeys().slice(-1, turning)));
}
at::Tensor TracePromptLayer::keys()
{
    return kept(m_keys, [&] { return onDevice(rotated(read(Rows::Key, first, prompt()), first)); });
}
at::Tensor TracePromptLayer::values()
{
    return kept(m_values, [&] { return onDevice(read(Rows::Value, first, prompt())); });
}
at::Tensor TracePromptLayer::plainQueries()
{
    return kept(m_queries, [&] { return onDevice(read(Rows::Query, first, prompt())); });
}
at::Tensor TracePromptLayer::queries()
{
    return kept(m_rotatedQueries, [&] { return onDevice(rotated(read(Rows::Query, first, prompt()), first)); });
}
at::Tensor TracePromptLayer::valueOutputNorms()
{
    return kept(m_norms, [&] { return onDevice(read(Rows::ValueOutputNorm, first, prompt())); });
}

at::Tensor TracePromptLayer::logitsOf(int begin, int end, int keyCount)
{
    const auto queries = onDevice(rotated(read(Rows::Query, begin, end), begin)) * m_info.scale;
    auto logits =
        at::matmul(queries.view({keyHeads, group() * (end - begin), headDim}), keys().slice(1, 0, keyCount).transpose(1, 2));
    if (m_info.softcap > 0)
        logits = m_info.softcap * at::tanh(logits / m_info.softcap);
    return logits.view({queryHeads, end - begin, keyCount});
}

at::Tensor TracePromptLayer::rowsOf(int begin, int end)
{
    const auto normalizer = onDevice(read(Rows::LogSumExp, begin, end));
    auto rows =
        logitsOf(begin, end, end - first).sub_(normalizer.unsqueeze(-1)).exp_().tril_(begin - first); // nobody sees what follows
    if (m_info.window > 0)
        rows.triu_(begin - first - m_info.window + 1);
    return rows;
}

at::Tensor TracePromptLayer::logits(int begin, int end) { return logitsOf(first + begin, first + end, tokens); }

at::Tensor TracePromptLayer::rows(int count)
{
    auto& rows = m_rows[count];
    return kept(rows, [&] { return rowsOf(prompt() - count, prompt()); });
}

at::Tensor TracePromptLayer::receivedAttention()
{
    return kept(m_received, [&] {
        if (auto byGpu = receivedByGpu(); byGpu.defined())
            return byGpu;
        auto received = at::zeros({queryHeads, tokens}, at::TensorOptions(at::kDouble).device(m_device));
        for (int begin = first; begin < prompt(); begin += kChunk) { // earlier queries see no live token
            const int end = std::min(prompt(), begin + kChunk);
            received.slice(1, 0, end - first) += rowsOf(begin, end).sum(1); // a chunk in single precision, chunks in double
        }
        return received;
    });
}

at::Tensor TracePromptLayer::receivedByGpu() const
{
    if (!m_byGpu)
        return {};
    auto sums = m_byGpu->take(m_index);
    if (!sums)
        throw PromptReadFailed{std::move(sums).error()};
    return *sums ? onDevice(at::tensor(**sums, at::kDouble).view({queryHeads, tokens})) : at::Tensor();
}

std::pair<at::Tensor, at::Tensor> TracePromptLayer::rotaryAt(int begin, int end)
{
    const auto [cosines, sines] = rotaryTensors(m_info, begin, end);
    return {onDevice(cosines), onDevice(sines)};
}

} // namespace winnow
