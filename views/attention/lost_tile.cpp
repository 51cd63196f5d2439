// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/lost_tile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

constexpr int kSinks = 4;

} // namespace

Result<LostTile> lostTile(const Trace& trace, const LostTileQuery& query, const JobContext& job)
{
    constexpr int kPairsPerBlock = 1 << 20;
    const AttentionQuery& whole = query.attention;
    const int firstQuery = raw(whole.queryBegin), queries = raw(whole.queryEnd) - firstQuery;
    const int firstKey = raw(whole.keyBegin), keys = raw(whole.keyEnd) - firstKey;
    const std::int32_t* evicted = query.by.leftAt();
    LostTile result;
    AttentionTile& cells = result.tile;
    cells.rows = std::min(whole.rows, queries);
    cells.columns = std::min(whole.columns, keys);
    cells.values.assign(static_cast<std::size_t>(cells.rows) * cells.columns, std::numeric_limits<float>::quiet_NaN());
    if (evicted)
        result.lost.assign(cells.values.size(), false);
    result.queriesPerRow = (queries + cells.rows - 1) / cells.rows;
    result.keysPerColumn = (keys + cells.columns - 1) / cells.columns;
    const int block = std::max(1, kPairsPerBlock / keys);
    for (int begin = 0; begin < queries; begin += block) {
        WINNOW_TRY_VOID(job.check("drawing the attention"));
        AttentionQuery part = whole;
        part.queryBegin = Position{firstQuery + begin};
        part.queryEnd = Position{firstQuery + std::min(queries, begin + block)};
        part.rows = part.columns = 0;
        WINNOW_TRY(const AttentionTile pairs, attentionTile(trace, part, job));
        for (int r = 0; r < pairs.rows; ++r) {
            const int step = firstQuery + begin + r;
            const auto row =
                static_cast<std::size_t>(static_cast<std::int64_t>(begin + r) * cells.rows / queries) * cells.columns;
            for (int c = query.maskSinks ? std::max(0, kSinks - firstKey) : 0; c < keys && firstKey + c <= step; ++c) {
                const float value = pairs.values[static_cast<std::size_t>(r) * keys + c];
                const auto cell = row + static_cast<std::size_t>(static_cast<std::int64_t>(c) * cells.columns / keys);
                if (cells.values[cell] >= value) // false for a cell that is still NaN
                    continue;
                cells.values[cell] = value;
                result.largest = std::max(result.largest, value);
                if (evicted) {
                    const std::int32_t left = evicted[firstKey + c];
                    result.lost[cell] = left >= 0 && left < step;
                }
            }
        }
        job.report("attention", double(begin + pairs.rows) / queries);
    }
    return result;
}

} // namespace winnow::views
