#include "core/analysis/figures.h"

#include "core/analysis/figures_curves.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace winnow {

namespace {

constexpr std::array<FigureInfo, 6> kFigures{{
    {"treekv-2", "Contribution by scale (TreeKV, figure 2)",
     "Haar bands of every position's contribution to one step's output, five levels, 512 positions", FigureNeeds::Trace},
    {"wavelet", "Contribution by scale", "Wavelet bands of every position's contribution, any wavelet, step and number of levels",
     FigureNeeds::Trace},
    {"attention", "Attention", "The attention of one query head over a range of queries and keys", FigureNeeds::Trace},
    {"retention", "Retained tokens", "Which tokens every policy stores after every step", FigureNeeds::Replay},
    {"mass", "Quality against step", "Mass kept, output error, regret or slots of every policy against the step", FigureNeeds::Replay},
    {"distance", "Kept share against distance", "How far back every policy remembers: the share of lanes that still store a token",
     FigureNeeds::Replay},
}};

/// Edits between two words, for the nearest right name.
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

Result<const Trace*> firstTrace(std::string_view name, const FigureInputs& inputs)
{
    if (inputs.traces.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a recording (a trace file written by `winnow record`); give one", name);
    return inputs.traces.front().get();
}

/// The policies of all replays side by side.
Result<std::shared_ptr<const ReplayResult>> joinedReplay(std::string_view name, const FigureInputs& inputs)
{
    if (inputs.replays.empty())
        return fail(ErrorCode::Usage, "the figure '{}' needs a replay (a file written by `winnow replay`); give one", name);
    if (inputs.replays.size() == 1)
        return inputs.replays.front();
    auto joined = std::make_shared<ReplayResult>(*inputs.replays.front());
    for (std::size_t i = 1; i < inputs.replays.size(); ++i) {
        const ReplayResult& next = *inputs.replays[i];
        if (next.tokenIds != joined->tokenIds || next.layers != joined->layers)
            return fail(ErrorCode::BadInput, "replay number {} is over other tokens or layers than the first ({} tokens and {} layers "
                        "against {} and {}); give replays of one recording", i + 1, next.tokenIds.size(), next.layers.size(),
                        joined->tokenIds.size(), joined->layers.size());
        joined->policies.insert(joined->policies.end(), next.policies.begin(), next.policies.end());
    }
    return std::shared_ptr<const ReplayResult>(std::move(joined));
}

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

Result<IntRange> checkRange(std::string_view what, const std::optional<IntRange>& range, int count)
{
    if (!range)
        return IntRange{0, count - 1};
    if (range->first < 0 || range->second < range->first || range->second >= count)
        return fail(ErrorCode::Usage, "the {} {}-{} do not exist; choose a range inside 0-{}", what, range->first, range->second, count - 1);
    return *range;
}

std::string stepsText(const std::vector<int>& steps)
{
    if (steps.size() == 1)
        return fmt::format("step {}", steps.front());
    return fmt::format("mean of {} steps, aligned at the newest position", steps.size());
}

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

CurveOptions curveOptions(const FigureOptions& options)
{
    CurveOptions curves{.policies = options.policies, .lanes = options.lanes};
    for (int& number : curves.policies)
        --number;
    if (options.stepRange)
        curves.steps = StepSpan{options.stepRange->first, options.stepRange->second + 1};
    return curves;
}

std::string lanesText(const FigureOptions& options)
{
    return options.lanes.empty() ? "all lanes" : fmt::format("{} lanes", options.lanes.size());
}

Result<Figure> replayFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(info.name, inputs));
    const int tokens = static_cast<int>(replay->tokenIds.size());
    if (replay->policies.empty() || tokens == 0)
        return fail(ErrorCode::BadInput, "the replay holds {} policies and {} tokens, so there is nothing to draw", replay->policies.size(),
                    tokens);
    WINNOW_TRY_VOID(checkRange("steps", options.stepRange, tokens));
    const CurveOptions chosen = curveOptions(options);
    Figure figure;
    figure.manifest = replay->manifest;
    if (info.name == "mass") {
        const auto metrics = metricCatalog();
        const auto metric = std::find_if(metrics.begin(), metrics.end(),
                                         [&](const MetricInfo& one) { return metricName(one.metric) == options.metric; });
        if (metric == metrics.end())
            return fail(ErrorCode::Usage, "there is no metric '{}'; choose mass, error, regret or slots", options.metric);
        WINNOW_TRY(QualityCurves curves, qualityCurves(*replay, metric->metric, chosen, job));
        figure.title = fmt::format("{} against step", metric->title);
        figure.caption = fmt::format("open loop, mean over {}, numbers: at the last step shown", lanesText(options));
        figure.numbers = std::move(curves);
    } else if (info.name == "distance") {
        WINNOW_TRY(DistanceCurves curves, distanceCurves(*replay, chosen, job));
        figure.caption = fmt::format("open loop, {}, mean over the steps {} to {}", lanesText(options), curves.range.begin,
                                     curves.range.end - 1);
        figure.numbers = std::move(curves);
    } else {
        RetentionPicture picture{.replay = replay, .policies = chosen.policies, .lanes = options.lanes};
        for (const int policy : picture.policies)
            if (policy < 0 || policy >= static_cast<int>(replay->policies.size()))
                return fail(ErrorCode::Usage, "policy number {} does not exist: this replay holds {} policies", policy + 1,
                            replay->policies.size());
        if (picture.policies.empty()) {
            picture.policies.resize(replay->policies.size());
            std::iota(picture.policies.begin(), picture.policies.end(), 0);
        }
        WINNOW_TRY(picture.tokens, checkRange("tokens", options.tokenRange, tokens));
        WINNOW_TRY(picture.steps, checkRange("steps", options.stepRange, tokens));
        figure.caption = fmt::format("open loop, {}, share of lanes that store the token after the step; a dot is the largest of its tokens", lanesText(options));
        figure.numbers = std::move(picture);
    }
    return figure;
}

void add(std::vector<std::string>& words, std::string key, std::string value)
{
    words.push_back(std::move(key));
    words.push_back(std::move(value));
}

std::string rangeText(IntRange range) { return fmt::format("{}-{}", range.first, range.second); }

template <class Item, class Text>
std::string joined(const std::vector<Item>& items, Text text)
{
    std::string line;
    for (const Item& item : items) {
        if (!line.empty())
            line += ',';
        line += text(item);
    }
    return line;
}

} // namespace

std::vector<FigureInfo> figureCatalog() { return {kFigures.begin(), kFigures.end()}; }

Result<FigureInfo> findFigure(std::string_view name)
{
    const auto* nearest = std::min_element(kFigures.begin(), kFigures.end(), [&](const FigureInfo& a, const FigureInfo& b) {
        return editDistance(name, a.name) < editDistance(name, b.name);
    });
    if (nearest->name != name)
        return fail(ErrorCode::Usage, "there is no figure '{}'; the nearest is '{}' (see `winnow figure --list`)", name, nearest->name);
    return *nearest;
}

Result<Figure> makeFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const FigureInfo info, findFigure(name));
    Result<Figure> made = info.needs == FigureNeeds::Replay ? replayFigure(info, inputs, options, job)
                          : info.name == "attention"        ? attentionFigure(info, inputs, options, job)
                                                            : contributionFigure(info, inputs, options, job);
    if (!made)
        return made;
    made->name = info.name;
    if (made->title.empty())
        made->title = info.title;
    made->manifest["figure"] = info.name;
    made->manifest["caption"] = made->caption;
    made->manifest["loop"] = info.needs == FigureNeeds::Replay ? "open" : "full cache";
    return made;
}

std::vector<std::string> figureArguments(const FigureRequest& request)
{
    const FigureOptions& o = request.options;
    const FigureOptions initial;
    std::vector<std::string> words{request.name};
    const auto number = [](int value) { return std::to_string(value); };
    if (!o.steps.empty())
        add(words, "--step", joined(o.steps, number));
    if (o.layers)
        add(words, "--layers", rangeText(*o.layers));
    if (o.layer)
        add(words, "--layer", number(*o.layer));
    if (o.head)
        add(words, "--head", number(*o.head));
    if (o.wavelet != initial.wavelet)
        add(words, "--wavelet", o.wavelet);
    if (o.mode != initial.mode)
        add(words, "--mode", o.mode);
    if (o.levels != initial.levels)
        add(words, "--levels", number(o.levels));
    if (o.hide != initial.hide)
        add(words, "--hide", number(o.hide));
    if (o.metric != initial.metric)
        add(words, "--metric", o.metric);
    if (!o.policies.empty())
        add(words, "--policies", joined(o.policies, number));
    if (!o.lanes.empty())
        add(words, "--lanes", joined(o.lanes, [](const auto& lane) { return fmt::format("{}.{}", lane.first, lane.second); }));
    if (o.queries)
        add(words, "--queries", rangeText(*o.queries));
    if (o.keys)
        add(words, "--keys", rangeText(*o.keys));
    if (o.tokenRange)
        add(words, "--tokens", rangeText(*o.tokenRange));
    if (o.stepRange)
        add(words, "--steps", rangeText(*o.stepRange));
    if (o.logScale)
        add(words, "--scale", "log");
    if (o.maskSinks)
        words.emplace_back("--mask-sinks");
    if (o.width != initial.width)
        add(words, "--width", fmt::format("{}", o.width));
    if (o.dpi != initial.dpi)
        add(words, "--dpi", fmt::format("{}", o.dpi));
    return words;
}

} // namespace winnow
