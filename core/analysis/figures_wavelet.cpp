#include "core/analysis/figures_wavelet.h"

#include "core/analysis/figures_make.h"

#include <algorithm>

namespace winnow {

namespace {

/// The query heads of the lanes (recorded layer from 0, KV head).
Result<std::vector<QueryHead>> headsOfLanes(const Trace& trace, const std::vector<std::pair<int, int>>& lanes)
{
    std::vector<QueryHead> heads;
    for (const auto& [index, keyHead] : lanes) {
        const bool there = index >= 0 && index < trace.layerCount()
                           && keyHead >= 0 && keyHead < trace.info().layerInfo[static_cast<std::size_t>(index)].keyHeads;
        if (!there)
            return fail(ErrorCode::Usage, "lane {}.{} does not exist: '{}' holds {} layers, counted from 0, of {} KV heads", index, keyHead,
                        trace.path().string(), trace.layerCount(), trace.layerCount() == 0 ? 0 : trace.info().layerInfo.front().keyHeads);
        const int group = trace.info().layerInfo[static_cast<std::size_t>(index)].group();
        for (int member = 0; member < group; ++member)
            heads.push_back({index, keyHead * group + member});
    }
    return heads;
}

/// The query heads that `lanes`, or `layers`, `layer` and `head` leave; empty = all.
Result<std::vector<QueryHead>> headsOf(const Trace& trace, const FigureOptions& options)
{
    if (!options.lanes.empty())
        return headsOfLanes(trace, options.lanes);
    std::vector<QueryHead> heads;
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

Result<ContributionOptions> optionsFor(const Trace& trace, const FigureOptions& options)
{
    ContributionOptions one{.steps = options.steps, .wavelet = options.wavelet, .mode = options.mode, .levels = options.levels};
    WINNOW_TRY(one.signal, findSignal(options.signal));
    WINNOW_TRY(one.transform, findTransform(options.transform));
    WINNOW_TRY(one.heads, headsOf(trace, options));
    return one;
}

/// `use` for every recording, with its share of the progress; how many were used.
Result<int> forEachTrace(std::string_view figure, const FigureInputs& inputs, const JobContext& job,
                         const std::function<Result<void>(const Trace&, const JobContext&)>& use)
{
    const std::size_t count = inputs.traces.size() + inputs.series.count;
    if (count == 0)
        return fail(ErrorCode::Usage, "the figure '{}' needs a recording (a trace file written by `winnow record`); give one", figure);
    int used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        WINNOW_TRY_VOID(job.check("the figure"));
        std::stop_source stop; // what is asked of `job` while it is told of progress
        const JobContext part(stop.get_token(), [&](std::string_view stage, double fraction) {
            if (job.stopRequested())
                stop.request_stop();
            job.report(stage, (static_cast<double>(i) + fraction) / static_cast<double>(count));
        });
        std::shared_ptr<const Trace> trace;
        if (i < inputs.traces.size()) {
            trace = inputs.traces[i];
        } else {
            WINNOW_TRY(trace, inputs.series.open(i - inputs.traces.size(), part));
        }
        if (!trace)
            continue;
        WINNOW_TRY_VOID(use(*trace, part));
        ++used;
    }
    if (used == 0)
        return fail(ErrorCode::BadInput, "none of the {} texts is long enough, so there is nothing to average", count);
    return used;
}

std::string stepsText(const Contribution& c)
{
    std::string text = c.steps.size() == 1 ? fmt::format("step {}", c.steps.front())
                       : c.recordings > 1  ? fmt::format("mean of {} recordings, aligned at the newest position", c.recordings)
                                           : fmt::format("mean of {} steps, aligned at the newest position", c.steps.size());
    const std::size_t steps = c.steps.size() / static_cast<std::size_t>(std::max(1, c.recordings));
    if (c.recordings > 1 && steps > 1)
        text += fmt::format(", {} steps each", steps);
    return text;
}

std::string signalText(SignalKind kind)
{
    return kind == SignalKind::Contribution ? std::string() : fmt::format(", signal: {}", signalInfo(kind).title);
}

std::string captionOf(const Contribution& c)
{
    const int heads = c.heads / std::max(1, c.recordings);
    std::string caption = fmt::format("full cache, {}, {} query heads, {} wavelet, boundary {}", stepsText(c), heads, c.wavelet, c.mode);
    if (c.transform != BandTransform::Decimated)
        caption += fmt::format(", {} transform", transformInfo(c.transform).name);
    caption += signalText(c.signalKind);
    if (!c.note.empty())
        caption += ". " + c.note;
    return caption;
}

/// The only recording, for figures that do not average.
Result<const Trace*> onlyTrace(std::string_view what, const FigureInputs& inputs)
{
    if (inputs.traces.size() != 1 || inputs.series.count > 0)
        return fail(ErrorCode::Usage, "{} looks at one recording, and {} given; give one trace", what,
                    inputs.traces.empty() && inputs.series.count == 0 ? "none was" : "several were");
    return inputs.traces.front().get();
}

Result<Figure> scalogramFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a scalogram", inputs));
    ScalogramOptions what{.perOctave = options.perOctave};
    WINNOW_TRY(what.heads, headsOf(*trace, options));
    WINNOW_TRY(what.signal, findSignal(options.signal));
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; a scalogram is that of one step", options.steps.size());
    if (!options.steps.empty())
        what.step = options.steps.front();
    what.wavelet = options.omega0                    ? fmt::format("morlet{}", *options.omega0)
                   : waveletFacts(options.wavelet)   ? "morlet6"
                                                     : options.wavelet;
    what.noise = options.noise == "none" ? NoiseKind::None : options.noise == "white" ? NoiseKind::White : NoiseKind::Red;
    if (options.noise != noiseName(what.noise))
        return fail(ErrorCode::Usage, "there is no noise '{}'; choose none, white or red", options.noise);
    what.ridges = true;
    WINNOW_TRY(TokenScalogram numbers, scalogram(*trace, what, job));
    Figure figure;
    figure.title = "Contribution by scale and position";
    figure.caption = fmt::format("full cache, step {}, mean power of {} query heads, {} wavelet{}; hatched: the ends are felt{}", numbers.step,
                                 numbers.heads, numbers.wavelet, signalText(numbers.signalKind),
                                 numbers.threshold.empty() ? ""
                                                           : fmt::format("; outlined: more than {} noise in {:.0f} % of cases",
                                                                         noiseName(numbers.noise), 100 * numbers.confidence));
    figure.manifest = numbers.manifest;
    figure.numbers = std::move(numbers);
    return figure;
}

Result<Figure> packetFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a packet basis", inputs));
    WINNOW_TRY(const ContributionOptions what, optionsFor(*trace, options));
    WINNOW_TRY(PacketBands numbers, packetBands(*trace, what, job));
    Figure figure;
    figure.title = "Contribution by wavelet packets";
    figure.caption = fmt::format("full cache, step {}, {} query heads, {} wavelet, boundary {}{}; best basis: {} bands, entropy {:.3f} (dwt {:.3f})",
                                 numbers.step, numbers.heads, numbers.wavelet, numbers.mode, signalText(numbers.signalKind),
                                 numbers.nodes.size(), numbers.entropy, numbers.entropyOfLevels);
    if (!numbers.note.empty())
        figure.caption += ". " + numbers.note;
    figure.manifest = numbers.manifest;
    figure.numbers = std::move(numbers);
    return figure;
}

} // namespace

Result<Figure> contributionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    const bool paper = info.name == "treekv-2";
    WINNOW_TRY(const BandTransform transform, findTransform(options.transform));
    if (paper && transform != BandTransform::Decimated)
        return fail(ErrorCode::Usage, "the figure 'treekv-2' is the discrete transform; for '{}' make the figure 'wavelet'", options.transform);
    if (transform == BandTransform::Continuous)
        return scalogramFigure(inputs, options, job);
    if (transform == BandTransform::Packets)
        return packetFigure(inputs, options, job);
    ContributionMean sum;
    WINNOW_TRY_VOID(forEachTrace(info.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
        WINNOW_TRY(const ContributionOptions one, optionsFor(trace, options));
        WINNOW_TRY(const Contribution next, paper ? treekvFigure2(trace, one, part) : contribution(trace, one, part));
        sum.add(next);
        return {};
    }));
    Contribution mean = sum.mean();
    Figure figure;
    figure.caption = captionOf(mean);
    figure.manifest = mean.manifest;
    figure.numbers = std::move(mean);
    return figure;
}

Result<Figure> scaleSlopeFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    std::map<QueryHead, ContributionMean> heads;
    HeadSlopes slopes{.hide = options.hide};
    std::map<std::string, std::string> manifest;
    WINNOW_TRY(const int used, forEachTrace("scale-slope", inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
        WINNOW_TRY(const ContributionOptions one, optionsFor(trace, options));
        if (!slopes.layers.empty() && slopes.layers != trace.info().layers)
            return fail(ErrorCode::BadInput, "'{}' holds {} layers and the recordings before it hold {}, or they are others; give recordings of one "
                        "model", trace.path().string(), trace.layerCount(), slopes.layers.size());
        slopes.layers = trace.info().layers;
        manifest = trace.info().manifest;
        return forEachHead(trace, one, part, [&](const HeadContribution& head) { heads[head.head].add(head.contribution); });
    }));
    slopes = slopesOf(heads, slopes.layers, options.hide);
    slopes.all.recordings = used;
    slopes.all.manifest = manifest;
    if (used > 1)
        slopes.all.manifest["recordings"] = std::to_string(used);
    const ScaleFit& fit = slopes.matrix.fit;
    Figure figure;
    figure.caption = captionOf(slopes.all) + fmt::format("; first and last {} positions left out", options.hide);
    figure.caption += fit.points < 3 ? fmt::format("; too short for a slope with an interval ({} octaves)", fit.points)
                                     : fmt::format("; slope {:.2f} levels per octave of distance (95 %: {:.2f} to {:.2f}, {} octaves; 1 = a tree)",
                                                   fit.slope, fit.low, fit.high, fit.points);
    figure.manifest = slopes.all.manifest;
    figure.numbers = std::move(slopes);
    return figure;
}

Result<Figure> lostBandsFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    if (inputs.replays.size() != 1 || inputs.traces.size() != 1)
        return fail(ErrorCode::Usage, "the figure 'lost-bands' needs one replay and the recording that it replays; {} replays and {} traces were "
                    "given", inputs.replays.size(), inputs.traces.size());
    const Trace& trace = *inputs.traces.front();
    LostBandsOptions what{.hide = options.hide};
    WINNOW_TRY(what.what, optionsFor(trace, options));
    for (const int number : options.policies)
        what.policies.push_back(number - 1);
    WINNOW_TRY(LostBands numbers, lostBands(trace, *inputs.replays.front(), what, job));
    Figure figure;
    figure.caption = fmt::format("open loop, step {}, {} query heads, {} wavelet, boundary {}{}; energy of the evicted tokens' band / energy of the "
                                 "band; first and last {} positions left out", numbers.step, numbers.whole.heads, numbers.whole.wavelet,
                                 numbers.whole.mode, signalText(numbers.whole.signalKind), options.hide);
    figure.manifest = inputs.replays.front()->manifest;
    figure.numbers = std::move(numbers);
    return figure;
}

} // namespace winnow
