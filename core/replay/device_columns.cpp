// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_columns.h"

#include "core/device/kernels/column_sums.h"

#include <algorithm>

namespace winnow {

namespace {

/// [heads, n, d] times `factor`, as [heads, d, stride]; zero behind the last token.
std::vector<float> byChannel(std::span<const float> rows, int heads, int tokens, int d, int stride, float factor)
{
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

} // namespace

Result<std::vector<double>> receivedAttentionBy(Gpu& gpu, const LayerInfo& layer, const ColumnRows& rows)
{
    const int n = rows.tokens, d = layer.headDim;
    const int stride = (n + kernel::kColumns - 1) / kernel::kColumns * kernel::kColumns;
    const int blocks = layer.queryHeads * (stride / kernel::kColumns);
    const std::size_t cells = static_cast<std::size_t>(layer.queryHeads) * stride;
    WINNOW_TRY(const int program, gpu.program(columnSumsProgram()));
    WINNOW_TRY(const GpuMemory keys, GpuMemory::of<float>(gpu, byChannel(rows.keys, layer.keyHeads, n, d, stride, 1)));
    WINNOW_TRY(const GpuMemory queries,
               GpuMemory::of<float>(gpu, byChannel(rows.queries, layer.queryHeads, n, d, stride, layer.scale)));
    WINNOW_TRY(const GpuMemory lse, GpuMemory::of<float>(gpu, byChannel(rows.lse, layer.queryHeads, n, 1, stride, 1)));
    WINNOW_TRY(const GpuMemory sums, GpuMemory::make(gpu, cells * sizeof(double)));
    WINNOW_TRY(const GpuMemory parts, GpuMemory::make(gpu, cells * kernel::kGroups * sizeof(double)));
    const kernel::ColumnSums argument{.keys = keys.as<const float>(),
                                      .queries = queries.as<const float>(),
                                      .lse = lse.as<const float>(),
                                      .sums = sums.as<double>(),
                                      .parts = parts.as<double>(),
                                      .queryHeads = layer.queryHeads,
                                      .keyHeads = layer.keyHeads,
                                      .headDim = d,
                                      .tokens = n,
                                      .stride = stride,
                                      .reach = layer.window,
                                      .softcap = layer.softcap};
    WINNOW_TRY_VOID(gpu.awaitUploads());
    WINNOW_TRY_VOID(gpu.launch(program, blocks, std::as_bytes(std::span(&argument, 1))));
    std::vector<double> padded(cells), received(static_cast<std::size_t>(layer.queryHeads) * n);
    WINNOW_TRY_VOID(gpu.download(std::as_writable_bytes(std::span(padded)), sums.address()));
    for (int head = 0; head < layer.queryHeads; ++head)
        std::copy_n(padded.begin() + static_cast<std::ptrdiff_t>(head) * stride, n,
                    received.begin() + static_cast<std::ptrdiff_t>(head) * n);
    return received;
}

} // namespace winnow
