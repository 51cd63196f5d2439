// Figures of a recording: contributions by scale, attention.
#include "core/analysis/figures_make.h"

#include <algorithm>

namespace winnow {

namespace {

Result<int> layerIndexOf(const Trace& trace, int layer)
{
    const auto& layers = trace.info().layers;
    const auto found = std::find(layers.begin(), layers.end(), Layer{layer});
    if (found == layers.end())
        return fail(ErrorCode::Usage, "layer {} is not in '{}', which holds {} layers, {} to {}", layer, trace.path().string(),
                    layers.size(), layers.empty() ? 0 : raw(layers.front()), layers.empty() ? 0 : raw(layers.back()));
    return static_cast<int>(found - layers.begin());
}

/// The query heads that `lanes`, or `layers`, `layer` and `head` leave; empty = all.
Result<std::vector<QueryHead>> headsOf(const Trace& trace, const FigureOptions& options)
{
    std::vector<QueryHead> heads;
    for (const auto& [index, keyHead] : options.lanes) {
        const bool there = index >= 0 && index < trace.layerCount()
                           && keyHead >= 0 && keyHead < trace.info().layerInfo[static_cast<std::size_t>(index)].keyHeads;
        if (!there)
            return fail(ErrorCode::Usage, "lane {}.{} does not exist: '{}' holds {} layers, counted from 0, of {} KV heads", index, keyHead,
                        trace.path().string(), trace.layerCount(), trace.layerCount() == 0 ? 0 : trace.info().layerInfo.front().keyHeads);
        const int group = trace.info().layerInfo[static_cast<std::size_t>(index)].group();
        for (int member = 0; member < group; ++member)
            heads.push_back({index, keyHead * group + member});
    }
    if (!heads.empty())
        return heads;
    if (!options.layers && !options.layer && !options.head)
        return heads;
    int only = -1;
    if (options.layer) {
        WINNOW_TRY(only, layerIndexOf(trace, *options.layer));
    }
    for (int index = 0; index < trace.layerCount(); ++index) {
        const int number = raw(trace.info().layers[static_cast<std::size_t>(index)]);
        const bool inRange = !options.layers || (number >= options.layers->first && number <= options.layers->second);
        if (!inRange || (options.layer && index != only))
            continue;
        const int count = trace.info().layerInfo[static_cast<std::size_t>(index)].queryHeads;
        for (int head = 0; head < count && !options.head; ++head)
            heads.push_back({index, head});
        if (options.head)
            heads.push_back({index, *options.head});
    }
    if (heads.empty())
        return fail(ErrorCode::Usage, "no recorded layer of '{}' was chosen; it holds the layers {} to {}", trace.path().string(),
                    raw(trace.info().layers.front()), raw(trace.info().layers.back()));
    return heads;
}

std::string stepsText(const std::vector<int>& steps)
{
    if (steps.size() == 1)
        return fmt::format("step {}", steps.front());
    return fmt::format("mean of {} steps, aligned at the newest position", steps.size());
}

} // namespace

Result<Figure> contributionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options,
                                  const JobContext& job)
{
    WINNOW_TRY_VOID(firstTrace(info.name, inputs));
    const bool paper = info.name == "treekv-2";
    std::vector<Contribution> parts;
    for (const auto& trace : inputs.traces) {
        ContributionOptions one{.steps = options.steps, .wavelet = options.wavelet, .mode = options.mode, .levels = options.levels};
        WINNOW_TRY(one.heads, headsOf(*trace, options));
        WINNOW_TRY(Contribution part, paper ? treekvFigure2(*trace, one, job) : contribution(*trace, one, job));
        parts.push_back(std::move(part));
    }
    WINNOW_TRY(Contribution mean, meanContribution(parts));
    Figure figure;
    figure.caption = fmt::format("full cache, {}, {} query heads, {} wavelet, boundary {}", stepsText(mean.steps), mean.heads,
                                 mean.wavelet, mean.mode);
    if (!mean.note.empty())
        figure.caption += ". " + mean.note;
    figure.manifest = mean.manifest;
    figure.numbers = std::move(mean);
    return figure;
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
