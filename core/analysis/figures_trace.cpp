// The attention of a recording as a figure.
#include "core/analysis/figures_make.h"

#include <algorithm>

namespace winnow {

Result<int> layerIndexOf(const Trace& trace, int layer)
{
    const auto& layers = trace.info().layers;
    const auto found = std::find(layers.begin(), layers.end(), Layer{layer});
    if (found == layers.end())
        return fail(ErrorCode::Usage, "layer {} is not in '{}', which holds {} layers, {} to {}", layer, trace.path().string(),
                    layers.size(), layers.empty() ? 0 : raw(layers.front()), layers.empty() ? 0 : raw(layers.back()));
    return static_cast<int>(found - layers.begin());
}

Result<Figure> attentionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, firstTrace(info.name, inputs));
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
        return fail(ErrorCode::Usage, "query head {} does not exist: layer {} has the heads 0 to {}", picture.head, raw(picture.layer),
                    heads - 1);
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
    figure.numbers = std::move(picture);
    return figure;
}

} // namespace winnow
