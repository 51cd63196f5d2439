// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/attention_source.h"

#include "core/base/check.h"
#include "core/base/library_error.h"
#include "core/trace/normalizers.h"
#include "core/trace/rotary.h"
#include "core/trace/torch_work.h"
#include "core/trace/trace_layout.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

namespace winnow {

namespace {

constexpr std::int64_t kBlockCells = 1 << 20; // logits held at a time: 4 MB

/// Rows of some heads, rotated, as a tensor [heads, n, d].
Result<at::Tensor> readRotated(const Trace& trace, int layerIndex, Rows what, Head first, int heads, int begin, int end)
{
    const LayerInfo& layer = trace.info().layerInfo[layerIndex];
    at::Tensor rows = at::empty({heads, end - begin, layer.headDim}, at::kFloat);
    const std::span<float> floats(rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel()));
    WINNOW_TRY_VOID(trace.readHeads(layerIndex, what, first, heads, Position(begin), Position(end), floats));
    rotate(layer, floats, heads, Position(begin));
    return rows;
}

/// exp(cap(q · kᵀ · scale) − lse), [queries, keys]; nothing is masked yet.
at::Tensor probabilities(const LayerInfo& layer, const at::Tensor& queries, const at::Tensor& keysTransposed,
                         const at::Tensor& lse)
{
    at::Tensor logits = at::matmul(queries, keysTransposed);
    logits.mul_(layer.scale);
    if (layer.softcap > 0)
        logits.div_(layer.softcap).tanh_().mul_(layer.softcap);
    return logits.sub_(lse.unsqueeze(-1)).exp_();
}

/// Rows of attention on their way out: each must add up to 1, or to less where only some of its keys were asked for.
class RowSums {
public:
    /// `keys` [KV heads, n, d], rotated.
    RowSums(const Trace& trace, int layerIndex, Head firstKeyHead, const at::Tensor& keys)
        : m_trace(trace), m_layerIndex(layerIndex), m_firstHead(raw(firstKeyHead)), m_longest(keys.norm(2, {2}).amax(1))
    {
    }

    /// `query` [d], rotated.
    Result<void> check(std::span<const float> row, bool whole, const float* query, float lse, int head, int position) const
    {
        const LayerInfo& layer = m_trace.info().layerInfo[static_cast<std::size_t>(m_layerIndex)];
        double sum = 0, squares = 0;
        for (const float value : row)
            sum += value;
        for (int c = 0; c < layer.headDim; ++c)
            squares += static_cast<double>(query[c]) * query[c];
        const float longest = m_longest.const_data_ptr<float>()[head / layer.group() - m_firstHead];
        const double most = mostLogSum(m_trace.info(), std::sqrt(squares) * longest * layer.scale, lse);
        if (sum <= std::exp(most) && (!whole || sum >= std::exp(-most)))
            return {};
        return fail(ErrorCode::BadInput, "'{}: {}' {}; record it again", m_trace.path().string(),
                    trace_layout::rowsPath(m_trace.info().layers[static_cast<std::size_t>(m_layerIndex)], Rows::LogSumExp),
                    describeSum(sum, head, position));
    }

private:
    const Trace& m_trace;
    int m_layerIndex, m_firstHead;
    at::Tensor m_longest; ///< length of the longest key, [KV heads]
};

/// First key that the query at `position` attends to.
int firstKey(const LayerInfo& layer, int position) { return layer.window > 0 ? std::max(0, position - layer.window + 1) : 0; }

/// Cell of the result that holds entry `i` of `n`: cell c covers [c·n/cells, (c+1)·n/cells).
int cellOf(int i, int n, int cells) { return static_cast<int>(((static_cast<std::int64_t>(i) + 1) * cells - 1) / n); }

struct Zoom {
    int queries = 0, keys = 0; ///< of the range
    int rows = 0, columns = 0; ///< of the tile
};

/// Folds one row of probabilities of the keys [from, to) (numbered within the query's range) into a row of the tile.
void foldRow(const float* values, int from, int to, const Zoom& zoom, Reduction reduction, float* cells)
{
    if (zoom.columns == zoom.keys && reduction == Reduction::Max) {
        for (int key = from; key < to; ++key)
            cells[key] = std::max(cells[key], values[key - from]);
        return;
    }
    for (int key = from; key < to;) {
        const int cell = cellOf(key, zoom.keys, zoom.columns);
        const int end = std::min<int>(to, static_cast<int>((static_cast<std::int64_t>(cell) + 1) * zoom.keys / zoom.columns));
        float folded = 0;
        for (; key < end; ++key)
            folded = reduction == Reduction::Max ? std::max(folded, values[key - from]) : folded + values[key - from];
        cells[cell] = reduction == Reduction::Max ? std::max(cells[cell], folded) : cells[cell] + folded;
    }
}

/// Turns the sums of a Mean tile into means over all pairs of each cell, those that cannot attend included.
void divideByPairs(AttentionTile& tile, const Zoom& zoom)
{
    const auto extent = [](int cell, int n, int cells) {
        return static_cast<float>((static_cast<std::int64_t>(cell) + 1) * n / cells -
                                  static_cast<std::int64_t>(cell) * n / cells);
    };
    for (int row = 0; row < zoom.rows; ++row)
        for (int column = 0; column < zoom.columns; ++column)
            tile.values[static_cast<std::size_t>(row) * zoom.columns + column] /=
                extent(row, zoom.queries, zoom.rows) * extent(column, zoom.keys, zoom.columns);
}

Result<void> checkQuery(const Trace& trace, const AttentionQuery& query)
{
    const int tokens = trace.tokenCount();
    if (query.layerIndex < 0 || query.layerIndex >= trace.layerCount())
        return fail(ErrorCode::BadInput, "'{}' has no layer number {}; it holds {} layers", trace.path().string(),
                    query.layerIndex, trace.layerCount());
    const int heads = trace.heads(query.layerIndex, Rows::Query);
    if (raw(query.queryHead) < 0 || raw(query.queryHead) >= heads)
        return fail(ErrorCode::BadInput, "'{}' has no query head {}; the layer has {}, from 0", trace.path().string(),
                    raw(query.queryHead), heads);
    const auto checkRange = [&](std::string_view name, Position begin, Position end) -> Result<void> {
        if (raw(begin) < 0 || raw(begin) >= raw(end) || raw(end) > tokens)
            return fail(ErrorCode::BadInput, "'{}' has no {} {} to {}; it holds the tokens 0 to {}", trace.path().string(), name,
                        raw(begin), raw(end) - 1, tokens - 1);
        return {};
    };
    WINNOW_TRY_VOID(checkRange("queries", query.queryBegin, query.queryEnd));
    return checkRange("keys", query.keyBegin, query.keyEnd);
}

Result<AttentionTile> makeTile(const Trace& trace, const AttentionQuery& query, const JobContext& job)
{
    const LayerInfo& layer = trace.info().layerInfo[query.layerIndex];
    const int queryBegin = raw(query.queryBegin), queryEnd = raw(query.queryEnd), keyBegin = raw(query.keyBegin);
    const auto sized = [](int wanted, int range) { return wanted <= 0 || wanted > range ? range : wanted; };
    Zoom zoom{.queries = queryEnd - queryBegin, .keys = raw(query.keyEnd) - keyBegin};
    zoom.rows = sized(query.rows, zoom.queries);
    zoom.columns = sized(query.columns, zoom.keys);
    AttentionTile tile{zoom.rows, zoom.columns, std::vector<float>(static_cast<std::size_t>(zoom.rows) * zoom.columns)};

    // Keys that some query of the range attends to.
    const int first = std::max(keyBegin, firstKey(layer, queryBegin)), last = std::min(raw(query.keyEnd), queryEnd);
    if (first >= last)
        return tile;
    const Head keyHead{raw(query.queryHead) / layer.group()};
    WINNOW_TRY(const at::Tensor keys, readRotated(trace, query.layerIndex, Rows::Key, keyHead, 1, first, last));
    const RowSums sums(trace, query.layerIndex, keyHead, keys);
    const int step = static_cast<int>(std::clamp<std::int64_t>(kBlockCells / (last - first), 16, 1024));
    for (int begin = std::max(queryBegin, first); begin < queryEnd; begin += step) {
        WINNOW_TRY_VOID(job.check("the attention tile"));
        const int end = std::min(begin + step, queryEnd);
        const int from = std::max(first, firstKey(layer, begin)), to = std::min(last, end);
        if (from >= to)
            continue;
        WINNOW_TRY(const at::Tensor queries, readRotated(trace, query.layerIndex, Rows::Query, query.queryHead, 1, begin, end));
        at::Tensor lse = at::empty({end - begin}, at::kFloat);
        WINNOW_TRY_VOID(trace.readHeads(query.layerIndex, Rows::LogSumExp, query.queryHead, 1, Position(begin), Position(end),
                                        std::span(lse.data_ptr<float>(), static_cast<std::size_t>(end - begin))));
        const at::Tensor block =
            probabilities(layer, queries[0], keys[0].slice(0, from - first, to - first).t(), lse).contiguous();
        for (int position = begin; position < end; ++position) {
            const int rowFrom = std::max(from, firstKey(layer, position)), rowTo = std::min(to, position + 1);
            if (rowFrom >= rowTo)
                continue;
            const int row = cellOf(position - queryBegin, zoom.queries, zoom.rows);
            const float* values =
                block.data_ptr<float>() + static_cast<std::size_t>(position - begin) * (to - from) + (rowFrom - from);
            WINNOW_TRY_VOID(sums.check(
                {values, static_cast<std::size_t>(rowTo - rowFrom)}, rowFrom == firstKey(layer, position) && rowTo > position,
                queries.const_data_ptr<float>() + static_cast<std::ptrdiff_t>(position - begin) * layer.headDim,
                lse.const_data_ptr<float>()[position - begin], raw(query.queryHead), position));
            foldRow(values, rowFrom - keyBegin, rowTo - keyBegin, zoom, query.reduction,
                    tile.values.data() + static_cast<std::size_t>(row) * zoom.columns);
        }
    }
    if (query.reduction == Reduction::Mean)
        divideByPairs(tile, zoom);
    return tile;
}

Result<std::vector<float>> makeRow(const Trace& trace, int layerIndex, int step)
{
    const LayerInfo& layer = trace.info().layerInfo[layerIndex];
    const int first = firstKey(layer, step);
    WINNOW_TRY(const at::Tensor keys, readRotated(trace, layerIndex, Rows::Key, Head{}, layer.keyHeads, first, step + 1));
    WINNOW_TRY(at::Tensor query, readRotated(trace, layerIndex, Rows::Query, Head{}, layer.queryHeads, step, step + 1));
    at::Tensor lse = at::empty({layer.queryHeads}, at::kFloat);
    WINNOW_TRY_VOID(trace.read(layerIndex, Rows::LogSumExp, Position(step), Position(step + 1),
                               std::span(lse.data_ptr<float>(), static_cast<std::size_t>(layer.queryHeads))));
    query = query.view({layer.keyHeads, layer.group(), layer.headDim});
    const at::Tensor rows =
        probabilities(layer, query, keys.transpose(1, 2), lse.view({layer.keyHeads, layer.group()})).contiguous();
    std::vector<float> out(static_cast<std::size_t>(layer.queryHeads) * (step + 1));
    const std::size_t count = static_cast<std::size_t>(step + 1 - first);
    const RowSums sums(trace, layerIndex, Head{}, keys);
    for (int head = 0; head < layer.queryHeads; ++head) {
        const std::span row(rows.const_data_ptr<float>() + head * count, count);
        WINNOW_TRY_VOID(sums.check(row, true, query.const_data_ptr<float>() + static_cast<std::ptrdiff_t>(head) * layer.headDim,
                                   lse.const_data_ptr<float>()[head], head, step));
        std::ranges::copy(row, out.begin() + static_cast<std::ptrdiff_t>(head) * (step + 1) + first);
    }
    return out;
}

/// q · k, in sums side by side that share a register.
float dot(const float* a, const float* b, int size)
{
    constexpr int kSums = 8;
    float sums[kSums] = {}, rest = 0;
    int i = 0;
    for (; i + kSums <= size; i += kSums)
        for (int j = 0; j < kSums; ++j)
            sums[j] += a[i + j] * b[i + j];
    for (; i < size; ++i)
        rest += a[i] * b[i];
    for (const float sum : sums)
        rest += sum;
    return rest;
}

/// One row without Torch, whose threads would go on spinning beside those that wait for it.
void plainRow(const LayerInfo& layer, const float* query, const float* keys, int count, float lse, float* out)
{
    for (int i = 0; i < count; ++i) {
        float logit = dot(query, keys + static_cast<std::size_t>(i) * layer.headDim, layer.headDim) * layer.scale;
        if (layer.softcap > 0)
            logit = std::tanh(logit / layer.softcap) * layer.softcap;
        out[i] = std::exp(logit - lse);
    }
}

/// The door: what Torch and the allocator throw becomes an Error.
template <class Work>
auto guarded(const Trace& trace, Work work) -> decltype(work())
{
    try {
        const TorchWork torch;
        return work();
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "attention of '{}': memory ran out; ask for fewer cells", trace.path().string());
    } catch (const c10::Error& error) {
        return fail(
            libraryError(fmt::format("computing the attention of '{}'", trace.path().string()), error.what_without_backtrace()));
    }
}

} // namespace

struct AttentionRows::Impl {
    const Trace& trace;
    int layerIndex = 0;
    Head first{};
    int count = 0, end = 0;
    at::Tensor keys; ///< [count, end, d], rotated
    RowSums sums;
};

AttentionRows::AttentionRows(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
AttentionRows::AttentionRows(AttentionRows&&) noexcept = default;
AttentionRows& AttentionRows::operator=(AttentionRows&&) noexcept = default;
AttentionRows::~AttentionRows() = default;

Result<AttentionRows> AttentionRows::open(const Trace& trace, int layerIndex, Head first, int count, Position end)
{
    WINNOW_TRY_VOID(checkQuery(trace, {.layerIndex = layerIndex, .queryEnd = end, .keyEnd = end}));
    WINNOW_CHECK(raw(first) >= 0 && count > 0 && raw(first) + count <= trace.heads(layerIndex, Rows::Key), "KV heads {} + {}",
                 raw(first), count);
    return guarded(trace, [&]() -> Result<AttentionRows> {
        WINNOW_TRY(const at::Tensor keys, readRotated(trace, layerIndex, Rows::Key, first, count, 0, raw(end)));
        return AttentionRows(std::make_unique<Impl>(
            Impl{trace, layerIndex, first, count, raw(end), keys, RowSums(trace, layerIndex, first, keys)}));
    });
}

Result<std::vector<float>> AttentionRows::rows(Step begin, Step stop) const
{
    const int from = raw(begin), to = raw(stop), steps = to - from;
    WINNOW_CHECK(from >= 0 && steps > 0 && to <= m_impl->end, "steps {} to {} of {}", from, to, m_impl->end);
    const Trace& trace = m_impl->trace;
    const LayerInfo& layer = trace.info().layerInfo[m_impl->layerIndex];
    const int group = layer.group(), heads = m_impl->count * group;
    const Head head{raw(m_impl->first) * group};
    return guarded(trace, [&]() -> Result<std::vector<float>> {
        WINNOW_TRY(at::Tensor query, readRotated(trace, m_impl->layerIndex, Rows::Query, head, heads, from, to));
        at::Tensor lse = at::empty({heads, steps}, at::kFloat);
        WINNOW_TRY_VOID(trace.readHeads(m_impl->layerIndex, Rows::LogSumExp, head, heads, Position(from), Position(to),
                                        std::span(lse.data_ptr<float>(), static_cast<std::size_t>(lse.numel()))));
        std::vector<float> out(static_cast<std::size_t>(heads) * steps * to);
        const float* queries = query.const_data_ptr<float>();
        if (steps == 1) {
            const int reach = firstKey(layer, from);
            for (int row = 0; row < heads; ++row)
                plainRow(layer, queries + static_cast<std::int64_t>(row) * layer.headDim,
                         m_impl->keys.const_data_ptr<float>() +
                             (static_cast<std::int64_t>(row / group) * m_impl->end + reach) * layer.headDim,
                         to - reach, lse.const_data_ptr<float>()[row], out.data() + static_cast<std::size_t>(row) * to + reach);
        } else {
            const int least = firstKey(layer, from), keys = to - least;
            const at::Tensor block =
                probabilities(layer, query.view({m_impl->count, group * steps, layer.headDim}),
                              m_impl->keys.slice(1, least, to).transpose(1, 2), lse.view({m_impl->count, group * steps}))
                    .contiguous(); // [KV heads, group × steps, keys]
            for (std::int64_t row = 0; row < static_cast<std::int64_t>(heads) * steps; ++row) {
                const int step = from + static_cast<int>(row % steps), reach = firstKey(layer, step);
                std::copy_n(block.const_data_ptr<float>() + row * keys + (reach - least), step + 1 - reach,
                            out.data() + row * to + reach);
            }
        }
        for (std::int64_t row = 0; row < static_cast<std::int64_t>(heads) * steps; ++row) {
            const int step = from + static_cast<int>(row % steps);
            WINNOW_TRY_VOID(m_impl->sums.check({out.data() + row * to, static_cast<std::size_t>(step) + 1}, true,
                                               queries + row * layer.headDim, lse.const_data_ptr<float>()[row],
                                               raw(head) + static_cast<int>(row / steps), step));
        }
        return out;
    });
}

Result<AttentionTile> attentionTile(const Trace& trace, const AttentionQuery& query, const JobContext& job)
{
    WINNOW_TRY_VOID(checkQuery(trace, query));
    return guarded(trace, [&] { return makeTile(trace, query, job); });
}

Result<std::vector<float>> attentionRow(const Trace& trace, int layerIndex, Step step)
{
    WINNOW_TRY_VOID(
        checkQuery(trace, {.layerIndex = layerIndex, .queryEnd = Position(raw(step) + 1), .keyEnd = Position(raw(step) + 1)}));
    return guarded(trace, [&] { return makeRow(trace, layerIndex, raw(step)); });
}

} // namespace winnow
