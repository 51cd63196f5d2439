// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "heads": the attention of every head as a small picture.
#include "core/analysis/figures/heads.h"

#include "core/analysis/figures/figure_inputs.h"

namespace winnow {

namespace {

Tables headTables(const HeadsPicture& picture)
{
    Tables all;
    for (std::size_t layer = 0; layer < picture.layers.size(); ++layer) { // some have more heads than others
        const std::vector<AttentionTile>& heads = picture.thumbs.layers[layer];
        if (heads.empty())
            continue;
        const auto rows = static_cast<std::size_t>(heads.front().rows), columns = static_cast<std::size_t>(heads.front().columns);
        std::vector<std::int32_t> steps;
        std::vector<std::string> keys; // the first of each bin
        for (std::size_t at = 0; at < rows; ++at) {
            steps.push_back(picture.thumbs.stepOf(static_cast<int>(at), picture.tokens));
            keys.push_back(std::to_string((at * static_cast<std::size_t>(picture.tokens) + columns - 1) / columns));
        }
        std::vector<float> values;
        for (const AttentionTile& head : heads)
            values.insert(values.end(), head.values.begin(), head.values.end());
        const int number = raw(picture.layers[layer]);
        all.tables.push_back({.axes = {{heads.size()}, {rows}, {columns, keys}},
                              .columns = {{onlyCsv("layer"), {}, Values::one(std::int32_t{number})},
                                          {onlyCsv("head"), {0}, counted(0, heads.size())},
                                          {onlyCsv("step"), {1}, std::move(steps)},
                                          {{"from key {}", fmt::format("attention.{}", number)}, {0, 1, 2}, std::move(values)}}});
    }
    return all;
}

Result<Figure> makeHeads(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, firstTrace(kind.name, inputs));
    if (trace->tokenCount() == 0 || trace->layerCount() == 0)
        return fail(ErrorCode::BadInput, "'{}' holds no attention: {} tokens, {} layers", trace->path().string(),
                    trace->tokenCount(), trace->layerCount());
    WINNOW_TRY(const std::vector<int> chosen, layerIndicesOf(*trace, options.layers));
    HeadsPicture picture{.layers = {}, .thumbs = {}, .tokens = trace->tokenCount()};
    for (const int index : chosen)
        picture.layers.push_back(trace->info().layers[static_cast<std::size_t>(index)]);
    WINNOW_TRY(picture.thumbs, headThumbs(*trace, chosen, kHeadSide, job));
    Figure figure;
    figure.caption =
        fmt::format("full cache, {} steps evenly over the text, downward, against bins of keys, the largest of each; "
                    "log scale from 1e-4 to 1",
                    std::min(kHeadSide, trace->tokenCount()));
    figure.manifest = trace->info().manifest;
    figure.numbers = {std::move(picture), headTables};
    return figure;
}

} // namespace

FigureKind figureHeads()
{
    return {.name = "heads",
            .title = "Attention of all heads",
            .summary = "The attention of every query head of every layer, each as a small picture",
            .needs = FigureNeeds::Trace,
            .reads = {{"--layers"}},
            .make = makeHeads};
}

} // namespace winnow
