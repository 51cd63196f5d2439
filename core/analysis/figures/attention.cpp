// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "attention": the attention of one query head.
#include "core/analysis/figures/attention.h"

#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables attentionTables(const AttentionPicture& picture)
{
    Tables tables;
    tables.fact("layer", raw(picture.layer));
    tables.fact({"query head", "head"}, picture.head);
    const auto rows = static_cast<std::size_t>(picture.tile.rows), columns = static_cast<std::size_t>(picture.tile.columns);
    const std::vector<std::int32_t> keys = counted(picture.keys.first, columns);
    std::vector<std::string> words;
    for (const std::int32_t key : keys)
        words.push_back(std::to_string(key));
    tables.tables.push_back({.axes = {{rows}, {columns, words}},
                             .columns = {{{"query", "queries"}, {0}, counted(picture.queries.first, rows)},
                                         {{"key{}", "attention"}, {0, 1}, Values::borrowed(picture.tile.values)}}});
    tables.row(onlyNpz("keys"), keys);
    return tables;
}

Result<Figure> makeAttention(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, firstTrace(kind.name, inputs));
    const int tokens = trace->tokenCount();
    if (tokens == 0 || trace->layerCount() == 0)
        return fail(ErrorCode::BadInput, "'{}' holds no attention: {} tokens, {} layers", trace->path().string(), tokens,
                    trace->layerCount());
    AttentionPicture picture;
    picture.layer = options.layer ? Layer{*options.layer} : trace->info().layers.front();
    picture.head = options.head.value_or(0);
    WINNOW_TRY(const int index, layerIndexOf(*trace, raw(picture.layer)));
    const int heads = trace->info().layerInfo[static_cast<std::size_t>(index)].queryHeads;
    if (picture.head < 0 || picture.head >= heads)
        return fail(ErrorCode::Usage, "query head {} does not exist: layer {} has the heads 0 to {}", picture.head,
                    raw(picture.layer), heads - 1);
    WINNOW_TRY(picture.queries, checkRange("queries", options.queries, tokens));
    WINNOW_TRY(picture.keys, checkRange("keys", options.keys, tokens));
    const AttentionQuery query{.layerIndex = index,
                               .queryHead = Head{picture.head},
                               .queryBegin = Position{picture.queries.first},
                               .queryEnd = Position{picture.queries.second + 1},
                               .keyBegin = Position{picture.keys.first},
                               .keyEnd = Position{picture.keys.second + 1}};
    WINNOW_TRY(picture.tile, attentionTile(*trace, query, job));
    Figure figure;
    figure.title = fmt::format("Attention, layer {}, query head {}", raw(picture.layer), picture.head);
    figure.caption = "full cache";
    figure.manifest = trace->info().manifest;
    figure.numbers = {std::move(picture), attentionTables};
    return figure;
}

} // namespace

FigureKind figureAttention()
{
    return {.name = "attention",
            .title = "Attention",
            .summary = "The attention of one query head over a range of queries and keys",
            .needs = FigureNeeds::Trace,
            .reads = {{"--layer"}, {"--head"}, {"--queries"}, {"--keys"}, {"--scale"}, {"--mask-sinks"}},
            .make = makeAttention};
}

} // namespace winnow
