// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/attention_block.h"

#include "core/kernels/row_kernels.h"
#include "core/trace/torch_work.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace winnow {

std::size_t LayerKeys::bytes(const LayerInfo& info, int tokens, bool keepPlain)
{
    const std::size_t rows = static_cast<std::size_t>(info.keyHeads) * tokens * info.headDim * sizeof(float);
    return rows * (keepPlain ? 3 : 2);
}

Result<LayerKeys> LayerKeys::read(const Trace& trace, int layerIndex, bool keepPlain)
{
    LayerKeys keys = room(trace, layerIndex, keepPlain);
    WINNOW_TRY_VOID(keys.readTo(trace, layerIndex, keys.tokens));
    return keys;
}

LayerKeys LayerKeys::room(const Trace& trace, int layerIndex, bool keepPlain, const LayerKeys* like)
{
    LayerKeys keys;
    keys.info = trace.info().layerInfo[static_cast<std::size_t>(layerIndex)];
    keys.tokens = trace.tokenCount();
    keys.keepsPlain = keepPlain;
    keys.m_rows.resize(keys.at(keys.info.keyHeads, 0) * (keepPlain ? 3 : 2));
    const bool alike = like != nullptr && like->info.invFreq == keys.info.invFreq &&
                       like->info.rotaryScale == keys.info.rotaryScale && like->tokens == keys.tokens;
    keys.table = alike ? like->table : std::make_shared<RotaryTable>(rotaryTable(keys.info, Position{0}, Position{keys.tokens}));
    return keys;
}

Result<void> LayerKeys::readTo(const Trace& trace, int layerIndex, int end)
{
    if (end <= known)
        return {};
    const int count = end - known;
    const bool whole = count == tokens;
    const std::size_t floats = at(info.keyHeads, 0);
    const std::span<float> all(m_rows);
    std::vector<float> some;
    const auto place = [&](Rows what, std::span<float> target, bool rotates) -> Result<void> {
        some.resize(whole ? 0 : trace.rowFloats(layerIndex, what, count));
        const std::span<float> rows = whole ? target : std::span(some);
        WINNOW_TRY_VOID(trace.read(layerIndex, what, Position{known}, Position{end}, rows));
        const auto scatter = [&](std::span<float> to) {
            const auto length = static_cast<std::ptrdiff_t>(count) * info.headDim;
            for (int head = 0; head < info.keyHeads; ++head)
                std::copy_n(rows.begin() + head * length, length, to.begin() + static_cast<std::ptrdiff_t>(at(head, known)));
        };
        if (rotates && keepsPlain)
            scatter(all.subspan(2 * floats));
        if (rotates)
            rotate(info, *table, rows, info.keyHeads, known);
        if (!whole)
            scatter(target);
        return {};
    };
    WINNOW_TRY_VOID(place(Rows::Key, all.first(floats), true));
    WINNOW_TRY_VOID(place(Rows::Value, all.subspan(floats, floats), false));
    known = end;
    return {};
}

Result<void> QueryBlock::load(const Trace& trace, int layerIndex, const LayerKeys& keys, Position first, Position last, bool tile)
{
    const LayerInfo& info = keys.info;
    begin = raw(first);
    end = raw(last);
    queries.resize(trace.rowFloats(layerIndex, Rows::Query, rows()));
    outputs.resize(queries.size());
    lse.resize(static_cast<std::size_t>(info.queryHeads) * rows());
    WINNOW_TRY_VOID(trace.read(layerIndex, Rows::Query, first, last, queries));
    WINNOW_TRY_VOID(trace.read(layerIndex, Rows::Output, first, last, outputs));
    WINNOW_TRY_VOID(trace.read(layerIndex, Rows::LogSumExp, first, last, lse));
    for (float& value : queries)
        value *= info.scale;
    if (keys.keepsPlain)
        plainQueries = queries;
    rotate(info, *keys.table, queries, info.queryHeads, begin);
    hasTile = tile;
    if (tile) {
        const std::size_t perKey = static_cast<std::size_t>(info.queryHeads) * rows();
        probabilities.reserve(perKey * keys.tokens); // the last block's size
        probabilities.resize(perKey * end);
    }
    return {};
}

void QueryBlock::computeTile(const LayerKeys& keys, int kvHead)
{
    const TorchWork torch;
    const LayerInfo& info = keys.info;
    const std::int64_t rowCount = static_cast<std::int64_t>(info.group()) * rows(), d = info.headDim;
    const int firstHead = kvHead * info.group();
    const auto options = at::TensorOptions(at::kFloat);
    const auto q = at::from_blob(&queries[row(firstHead, begin) * static_cast<std::size_t>(d)], {rowCount, d}, options);
    const auto k = at::from_blob(const_cast<float*>(keys.key(kvHead, 0)), {end, d}, options);
    float* tile = &probabilities[row(firstHead, begin) * static_cast<std::size_t>(end)];
    auto logits = at::from_blob(tile, {rowCount, end}, options);
    at::mm_out(logits, q, k.t());
    for (std::int64_t r = 0; r < rowCount; ++r) {
        float* line = tile + r * end;
        const int step = begin + static_cast<int>(r % rows());
        const auto count = static_cast<std::size_t>(step + 1);
        if (info.softcap > 0)
            for (std::size_t i = 0; i < count; ++i)
                line[i] = capped(line[i], info.softcap);
        row_kernels::expShifted(line, count, lse[row(firstHead, begin) + static_cast<std::size_t>(r)]);
    }
}

} // namespace winnow
