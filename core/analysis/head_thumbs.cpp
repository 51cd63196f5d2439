// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/head_thumbs.h"

#include <algorithm>
#include <limits>

namespace winnow {

Result<HeadThumbs> headThumbs(const Trace& trace, const std::vector<int>& layers, int side, const JobContext& job)
{
    const int tokens = trace.tokenCount();
    side = std::min(side, tokens);
    HeadThumbs thumbs{.side = side};
    for (const int layer : layers) {
        WINNOW_TRY_VOID(job.check("looking at all heads"));
        const LayerInfo& info = trace.info().layerInfo[static_cast<std::size_t>(layer)];
        AttentionTile empty{.rows = side, .columns = side, .values = {}};
        empty.values.assign(static_cast<std::size_t>(side) * side, std::numeric_limits<float>::quiet_NaN());
        std::vector<AttentionTile> heads(static_cast<std::size_t>(info.queryHeads), empty);
        WINNOW_TRY(const AttentionRows rows, AttentionRows::open(trace, layer, Head{0}, info.keyHeads, Position{tokens}));
        for (int r = 0; r < side; ++r) {
            const int step = thumbs.stepOf(r, tokens);
            WINNOW_TRY(const std::vector<float> all, rows.rows(Step{step}, Step{step + 1}));
            for (std::size_t head = 0; head < heads.size(); ++head)
                for (int key = 0; key <= step; ++key) {
                    const std::int64_t column = std::int64_t{key} * side / tokens;
                    float& cell = heads[head].values[static_cast<std::size_t>(r * std::int64_t{side} + column)];
                    const float value = all[head * (static_cast<std::size_t>(step) + 1) + static_cast<std::size_t>(key)];
                    if (!(cell >= value)) // true for a cell that is still NaN
                        cell = value;
                }
        }
        thumbs.heads = std::max(thumbs.heads, info.queryHeads);
        thumbs.layers.push_back(std::move(heads));
        job.report("looking at all heads", double(thumbs.layers.size()) / double(layers.size()));
    }
    return thumbs;
}

} // namespace winnow
