// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_columns.h"

#include "core/base/check.h"
#include "core/device/kernels/column_sums.h"

#include <algorithm>

namespace winnow {

namespace {

/// Tokens of the kernel's arrays.
int strideOf(int tokens) { return (tokens + kernel::kColumns - 1) / kernel::kColumns * kernel::kColumns; }

/// [heads, n, d] times `factor`, as [heads, d, stride]; zero behind the last token.
std::vector<float> byChannel(std::span<const float> rows, int heads, int tokens, int d, float factor)
{
    const int stride = strideOf(tokens);
    std::vector<float> turned(static_cast<std::size_t>(heads) * d * stride);
    for (int head = 0; head < heads; ++head)
        for (int token = 0; token < tokens; ++token) {
            const float* from = rows.data() + (static_cast<std::size_t>(head) * tokens + token) * d;
            float* to = turned.data() + static_cast<std::size_t>(head) * d * stride + token;
            for (int c = 0; c < d; ++c)
                to[static_cast<std::size_t>(c) * stride] = from[c] * factor;
        }
    return turned;
}

int lastOf(const std::vector<LayerTokens>& layers)
{
    int end = 0;
    for (const LayerTokens& tokens : layers)
        end = std::max(end, tokens.end);
    return end;
}

} // namespace

ReceivedByGpu::ReceivedByGpu(ColumnsGpu& on, const Trace& trace, std::vector<LayerTokens> layers, const JobContext& job)
    : m_on(on), m_trace(trace), m_layers(std::move(layers)), m_job(job), m_tables(lastOf(m_layers))
{
}

const LayerInfo& ReceivedByGpu::infoOf(const LayerTokens& tokens) const
{
    return m_trace.info().layerInfo[static_cast<std::size_t>(tokens.layer)];
}

std::uint64_t ReceivedByGpu::bytes(const LayerInfo& layer, int tokens)
{
    const std::uint64_t inRows = static_cast<std::uint64_t>(layer.keyHeads + layer.queryHeads) * layer.headDim + layer.queryHeads;
    const std::uint64_t inSums = static_cast<std::uint64_t>(layer.queryHeads) * (1 + kernel::kGroups);
    return (inRows * sizeof(float) + inSums * sizeof(double)) * static_cast<std::uint64_t>(strideOf(tokens));
}

Result<ReceivedByGpu::KernelRows> ReceivedByGpu::read(const LayerTokens& tokens)
{
    const LayerInfo& info = infoOf(tokens);
    const int n = tokens.count(), d = info.headDim;
    const auto readRows = [&](Rows what, int heads, int width, std::vector<float>& to) -> Result<void> {
        to.resize(static_cast<std::size_t>(heads) * n * width);
        WINNOW_TRY_VOID(m_trace.read(tokens.layer, what, Position{tokens.first}, Position{tokens.end}, to));
        return {};
    };
    KernelRows rows;
    WINNOW_TRY_VOID(readRows(Rows::Key, info.keyHeads, d, rows.keys));
    WINNOW_TRY_VOID(readRows(Rows::Query, info.queryHeads, d, rows.queries));
    WINNOW_TRY_VOID(readRows(Rows::LogSumExp, info.queryHeads, 1, rows.lse));
    const RotaryTable& table = m_tables.of(info);
    rotate(info, table, rows.keys, info.keyHeads, tokens.first);
    rotate(info, table, rows.queries, info.queryHeads, tokens.first);
    rows.keys = byChannel(rows.keys, info.keyHeads, n, d, 1);
    rows.queries = byChannel(rows.queries, info.queryHeads, n, d, info.scale);
    rows.lse = byChannel(rows.lse, info.queryHeads, n, 1, 1);
    return rows;
}

Result<ReceivedByGpu::Asked> ReceivedByGpu::ask(Gpu& gpu, const LayerTokens& tokens, const KernelRows& rows) const
{
    const LayerInfo& info = infoOf(tokens);
    const int stride = strideOf(tokens.count());
    const std::size_t cells = static_cast<std::size_t>(info.queryHeads) * stride;
    WINNOW_TRY(const int program, gpu.program(columnSumsProgram()));
    Asked asked{.tokens = tokens};
    WINNOW_TRY(asked.keys, GpuMemory::of<float>(gpu, rows.keys));
    WINNOW_TRY(asked.queries, GpuMemory::of<float>(gpu, rows.queries));
    WINNOW_TRY(asked.lse, GpuMemory::of<float>(gpu, rows.lse));
    WINNOW_TRY(asked.sums, GpuMemory::make(gpu, cells * sizeof(double)));
    WINNOW_TRY(asked.parts, GpuMemory::make(gpu, cells * kernel::kGroups * sizeof(double)));
    const kernel::ColumnSums argument{.keys = asked.keys.as<const float>(),
                                      .queries = asked.queries.as<const float>(),
                                      .lse = asked.lse.as<const float>(),
                                      .sums = asked.sums.as<double>(),
                                      .parts = asked.parts.as<double>(),
                                      .queryHeads = info.queryHeads,
                                      .keyHeads = info.keyHeads,
                                      .headDim = info.headDim,
                                      .tokens = tokens.count(),
                                      .stride = stride,
                                      .reach = info.window,
                                      .softcap = info.softcap};
    WINNOW_TRY_VOID(gpu.awaitUploads());
    WINNOW_TRY_VOID(gpu.launch(program, info.queryHeads * (stride / kernel::kColumns), std::as_bytes(std::span(&argument, 1))));
    return asked;
}

Result<std::vector<double>> ReceivedByGpu::collected(Gpu& gpu, const Asked& asked) const
{
    const int n = asked.tokens.count(), stride = strideOf(n), heads = infoOf(asked.tokens).queryHeads;
    std::vector<double> padded(static_cast<std::size_t>(heads) * stride), received(static_cast<std::size_t>(heads) * n);
    WINNOW_TRY_VOID(gpu.download(std::as_writable_bytes(std::span(padded)), asked.sums.address()));
    for (int head = 0; head < heads; ++head)
        std::copy_n(padded.begin() + static_cast<std::ptrdiff_t>(head) * stride, n,
                    received.begin() + static_cast<std::ptrdiff_t>(head) * n);
    return received;
}

Result<void> ReceivedByGpu::work(Gpu& gpu, int layer)
{
    std::vector<Asked> asked;
    std::uint64_t held = 0;
    auto next = std::find_if(m_layers.begin(), m_layers.end(), [&](const LayerTokens& tokens) { return tokens.layer == layer; });
    WINNOW_CHECK(next != m_layers.end(), "layer {} was not announced", layer);
    for (; next != m_layers.end(); ++next) {
        if (next->count() == 0)
            continue;
        const std::uint64_t more = bytes(infoOf(*next), next->count());
        if (!asked.empty() && held + more > m_on.room)
            break;
        WINNOW_TRY_VOID(m_job.check("the replay"));
        WINNOW_TRY(const KernelRows rows, read(*next));
        Result<Asked> one = ask(gpu, *next, rows);
        if (!one && one.error().code == ErrorCode::OutOfMemory && !asked.empty()) {
            m_on.room = held;
            m_on.notes.push_back(fmt::format("the memory of {} ran out with the prompts of {} layers at once, so it took {}",
                                             gpu.name(), asked.size() + 1, asked.size()));
            break;
        }
        if (!one)
            return failed(one.error());
        asked.push_back(std::move(*one));
        held += more;
    }
    for (const Asked& one : asked) {
        auto sums = collected(gpu, one);
        if (!sums)
            return failed(sums.error());
        m_done[one.tokens.layer] = std::move(*sums);
    }
    return {};
}

Result<void> ReceivedByGpu::failed(const Error& error)
{
    if (!m_on.mayFail)
        return fail(error);
    m_on.notes.push_back(error.message + "; the CPU scored the prompt");
    m_on.gpu.reset();
    return {};
}

Result<std::optional<std::vector<double>>> ReceivedByGpu::take(int layer)
{
    if (const std::shared_ptr<Gpu> gpu = m_on.gpu; gpu && !m_done.contains(layer))
        WINNOW_TRY_VOID(work(*gpu, layer));
    auto done = m_done.extract(layer);
    if (done.empty())
        return std::nullopt;
    return std::move(done.mapped());
}

} // namespace winnow
