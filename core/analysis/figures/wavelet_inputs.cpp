// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/wavelet_inputs.h"

#include "core/analysis/job_part.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

constexpr double kRecordingShare = 0.7; ///< of the time that a text takes

/// The query heads of the lanes (recorded layer from 0, KV head).
Result<std::vector<QueryHead>> headsOfLanes(const Trace& trace, const std::vector<Lane>& lanes)
{
    std::vector<QueryHead> heads;
    for (const auto& [index, keyHead] : lanes) {
        const bool there = index >= 0 && index < trace.layerCount() && keyHead >= 0 &&
                           keyHead < trace.info().layerInfo[static_cast<std::size_t>(index)].keyHeads;
        if (!there)
            return fail(ErrorCode::Usage, "lane {}.{} does not exist: '{}' holds {} layers, counted from 0, of {} KV heads",
                        index, keyHead, trace.path().string(), trace.layerCount(),
                        trace.layerCount() == 0 ? 0 : trace.info().layerInfo.front().keyHeads);
        const int group = trace.info().layerInfo[static_cast<std::size_t>(index)].group();
        for (int member = 0; member < group; ++member)
            heads.push_back({index, keyHead * group + member});
    }
    return heads;
}

std::optional<unsigned> seedOf(const FigureOptions& options)
{
    return options.shuffle ? std::optional(static_cast<unsigned>(*options.shuffle)) : std::nullopt;
}

/// Recordings of other models cannot be averaged.
Result<void> checkAlike(const Trace& first, const Trace& other)
{
    const TraceInfo &a = first.info(), &b = other.info();
    const auto heads = [](const LayerInfo& layer) { return std::pair(layer.queryHeads, layer.keyHeads); };
    if (a.layers != b.layers)
        return fail(
            ErrorCode::BadInput,
            "'{}' holds {} layers and '{}' holds {}, or they are others; give recordings of one model and the same layers",
            other.path().string(), b.layers.size(), first.path().string(), a.layers.size());
    const auto hash = [](const TraceInfo& info) {
        const auto found = info.manifest.find("model_hash");
        return found == info.manifest.end() ? std::string() : found->second;
    };
    if (!hash(a).empty() && !hash(b).empty() && hash(a) != hash(b))
        return fail(ErrorCode::BadInput, "'{}' was recorded with other weights than '{}'; give recordings of one model",
                    other.path().string(), first.path().string());
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        if (heads(a.layerInfo[i]) != heads(b.layerInfo[i]))
            return fail(
                ErrorCode::BadInput,
                "layer {} has {} query heads and {} KV heads in '{}', and {} and {} in '{}'; give recordings of one model",
                raw(a.layers[i]), b.layerInfo[i].queryHeads, b.layerInfo[i].keyHeads, other.path().string(),
                a.layerInfo[i].queryHeads, a.layerInfo[i].keyHeads, first.path().string());
        if (a.layerInfo[i].headDim != b.layerInfo[i].headDim)
            return fail(
                ErrorCode::BadInput, "the heads of layer {} have {} numbers in '{}' and {} in '{}'; give recordings of one model",
                raw(a.layers[i]), b.layerInfo[i].headDim, other.path().string(), a.layerInfo[i].headDim, first.path().string());
    }
    return {};
}

bool isContinuous(const FigureOptions& options) { return options.transform == "cwt"; }
bool hasBands(const FigureOptions& options) { return !isContinuous(options); }
bool hasMode(const FigureOptions& options) { return hasBands(options) && options.transform != "modwt"; }

bool isHeldAgainstNoise(const FigureOptions& options) { return isContinuous(options) && !options.against.difference; }
bool hasNoLanes(const FigureOptions& options) { return options.lanes.empty(); }
bool hasNoOtherLanes(const FigureOptions& options) { return !options.against.lanes; }

constexpr std::string_view kContinuousOnly = "with --transform cwt only";

} // namespace

std::vector<FigureReads> readsOfSignals()
{
    constexpr std::string_view kNoLanes = "without --lanes only, which names layers and heads itself";
    return {{"--step"},
            {"--signal"},
            {"--layers", hasNoLanes, kNoLanes},
            {"--layer", hasNoLanes, kNoLanes},
            {"--head", hasNoLanes, kNoLanes},
            {"--lanes"},
            {"--shuffle"}};
}

std::vector<FigureReads> readsOfPairs()
{
    constexpr std::string_view kNoLanes = "without --against-lanes only, which names layers and heads itself";
    return {{"--against-step"},
            {"--against-lanes"},
            {"--against-layer", hasNoOtherLanes, kNoLanes},
            {"--against-head", hasNoOtherLanes, kNoLanes},
            {"--difference"}};
}

std::vector<FigureReads> readsOfBands()
{
    constexpr std::string_view kNotContinuous = "with the transforms dwt, stationary, modwt and packets only";
    return {{"--wavelet"},
            {"--transform"},
            {"--detrend"},
            {"--levels", hasBands, kNotContinuous},
            {"--hide", hasBands, kNotContinuous},
            {"--mode", hasMode, "with the transforms dwt, stationary and packets only"}};
}

std::vector<FigureReads> readsOfScalograms()
{
    return {{"--omega0", isContinuous, kContinuousOnly},
            {"--scales", isContinuous, kContinuousOnly},
            {"--noise", isHeldAgainstNoise, "with --transform cwt only, and not with --difference"},
            {"--trim", isContinuous, kContinuousOnly}};
}

std::vector<FigureReads> joinedReads(std::initializer_list<std::vector<FigureReads>> lists)
{
    std::vector<FigureReads> all;
    for (const std::vector<FigureReads>& list : lists)
        all.insert(all.end(), list.begin(), list.end());
    return all;
}

Result<void> checkWavelet(const FigureOptions& options)
{
    WINNOW_TRY(const BandTransform transform, findTransform(*options.transform));
    if (!options.wavelet)
        return {};
    const std::string& name = *options.wavelet;
    const auto discrete = waveletFacts(name);
    const auto continuous = continuousFacts(name);
    const bool wantsContinuous = transform == BandTransform::Continuous;
    if (!discrete && !continuous) {
        const std::string_view like = nearestWavelet(name);
        if (continuousFacts(like).has_value() != wantsContinuous)
            return fail(ErrorCode::Usage, "there is no wavelet '{}'; the nearest is '{}', which is for {}", name, like,
                        wantsContinuous ? "the other transforms; cwt takes a continuous one, such as morlet6, paul4 or mexh"
                                        : "--transform cwt; the others take a discrete one, such as haar or db4");
        return wantsContinuous ? fail(continuous.error()) : fail(discrete.error());
    }
    if (!wantsContinuous && !discrete)
        return fail(
            ErrorCode::Usage,
            "'{}' is a continuous wavelet, for --transform cwt; the transform '{}' takes a discrete one, such as haar or db4",
            name, *options.transform);
    if (wantsContinuous && !continuous)
        return fail(ErrorCode::Usage,
                    "'{}' is a discrete wavelet; --transform cwt takes a continuous one, such as morlet6, paul4 or mexh", name);
    if (wantsContinuous && options.omega0)
        return fail(ErrorCode::Usage, "--omega0 {} stands for --wavelet morlet{}, and --wavelet {} was given too; leave one out",
                    *options.omega0, *options.omega0, name);
    return {};
}

Result<void> checkBands(const FigureOptions& options)
{
    WINNOW_TRY(const BandTransform transform, findTransform(*options.transform));
    if (transform == BandTransform::Continuous || transform == BandTransform::Packets)
        return fail(ErrorCode::Usage, "the transform '{}' has no bands by level; choose dwt, stationary or modwt",
                    *options.transform);
    return checkWavelet(options);
}

Result<void> checkHidden(const FigureOptions& options, int positions)
{
    if (options.hide && 2 * static_cast<std::int64_t>(*options.hide) + 1 >= positions)
        return fail(ErrorCode::Usage, "--hide {} leaves nothing of {} positions; choose at most {}", *options.hide, positions,
                    std::max(0, (positions - 2) / 2));
    return {};
}

Result<std::vector<QueryHead>> headsOf(const Trace& trace, const FigureOptions& options)
{
    if (!options.lanes.empty())
        return headsOfLanes(trace, options.lanes);
    std::vector<QueryHead> heads;
    if (options.layers.empty() && !options.layer && !options.head)
        return heads;
    int only = -1;
    if (options.layer) {
        WINNOW_TRY(only, layerIndexOf(trace, *options.layer));
    }
    WINNOW_TRY(const std::vector<int> chosen, layerIndicesOf(trace, options.layers));
    for (const int index : chosen) {
        if (options.layer && index != only)
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

Result<ContributionOptions> contributionOptions(const Trace& trace, const FigureOptions& options)
{
    ContributionOptions one{.steps = options.steps,
                            .wavelet = options.wavelet.value_or("haar"),
                            .mode = options.mode,
                            .levels = *options.levels,
                            .shuffle = seedOf(options)};
    WINNOW_TRY(one.detrend, findDetrend(options.detrend.value_or("none")));
    WINNOW_TRY(one.signal, findSignal(options.signal));
    WINNOW_TRY(one.transform, findTransform(*options.transform));
    WINNOW_TRY(one.heads, headsOf(trace, options));
    return one;
}

Result<ScalogramOptions> scalogramOptions(const Trace& trace, const FigureOptions& options)
{
    ScalogramOptions what{
        .trimFirst = options.trim, .trimLast = options.trim, .perOctave = options.perOctave, .shuffle = seedOf(options)};
    WINNOW_TRY(what.detrend, findDetrend(options.detrend.value_or("mean")));
    WINNOW_TRY(what.heads, headsOf(trace, options));
    WINNOW_TRY(what.signal, findSignal(options.signal));
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; a scalogram is that of one step", options.steps.size());
    if (!options.steps.empty())
        what.step = options.steps.front();
    what.wavelet = options.omega0 ? fmt::format("morlet{}", *options.omega0) : options.wavelet.value_or("morlet6");
    WINNOW_TRY(what.noise, findNoise(options.noise));
    what.ridges = true;
    return what;
}

Result<int> forEachTrace(std::string_view figure, const FigureInputs& inputs, const JobContext& job,
                         const std::function<Result<void>(const Trace&, const JobContext&)>& use)
{
    const std::size_t count = inputs.traces.size() + inputs.series.count;
    if (count == 0)
        return fail(ErrorCode::Usage, "the figure '{}' needs a recording (a trace file written by `winnow record`); give one",
                    figure);
    int used = 0;
    std::shared_ptr<const Trace> first;
    for (std::size_t i = 0; i < count; ++i) {
        WINNOW_TRY_VOID(job.check("the figure"));
        const double begin = static_cast<double>(i), all = static_cast<double>(count);
        const bool given = i < inputs.traces.size();
        const JobContext recording = partOf(job, begin / all, (begin + kRecordingShare) / all);
        const JobContext analysis = partOf(job, (begin + (given ? 0 : kRecordingShare)) / all, (begin + 1) / all);
        std::shared_ptr<const Trace> trace;
        if (given) {
            trace = inputs.traces[i];
        } else {
            WINNOW_TRY(trace, inputs.series.open(i - inputs.traces.size(), recording));
        }
        if (!trace)
            continue;
        if (!first)
            first = trace;
        WINNOW_TRY_VOID(checkAlike(*first, *trace));
        WINNOW_TRY_VOID(use(*trace, analysis));
        ++used;
    }
    if (used == 0)
        return fail(ErrorCode::BadInput, "none of the {} texts is long enough, so there is nothing to average", count);
    return used;
}

std::string headCountText(int heads) { return fmt::format("{} query head{}", heads, heads == 1 ? "" : "s"); }

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

std::string removedText(Detrend detrend, std::optional<unsigned> shuffle)
{
    return std::string(detrendWords(detrend)) +
           (shuffle ? fmt::format(", values shuffled over the positions (seed {})", *shuffle) : "");
}

std::string significanceText(const TokenScalogram& s)
{
    if (s.threshold.empty())
        return {};
    if (s.noise == NoiseKind::Shuffled)
        return fmt::format("; outlined: more than in {:.0f} % of cases with the values shuffled over the positions",
                           100 * s.confidence);
    return fmt::format("; outlined: more than {} noise in {:.0f} % of cases, as the mean of {:.3g} independent signals",
                       noiseName(s.noise), 100 * s.confidence, s.independent);
}

std::string edgeText(std::span<const double> energy, std::span<const double> edge)
{
    const double whole = std::accumulate(energy.begin(), energy.end(), 0.0);
    const double part = std::accumulate(edge.begin(), edge.end(), 0.0);
    return whole > 0 ? fmt::format("; {:.1f} % of the energy lies where the ends are felt", 100 * part / whole) : std::string();
}

std::string bandsCaption(const Contribution& c, bool ends)
{
    const int heads = c.heads / std::max(1, c.recordings);
    std::string caption =
        fmt::format("full cache, {}, {}, {} wavelet, boundary {}", stepsText(c), headCountText(heads), c.wavelet, c.mode);
    if (c.transform != BandTransform::Decimated)
        caption += fmt::format(", {} transform", transformInfo(c.transform).name);
    caption += signalText(c.signalKind) + removedText(c.detrend, c.shuffle) + (ends ? edgeText(c.energy, c.edge) : std::string());
    if (!c.note.empty())
        caption += ". " + c.note;
    return caption;
}

Result<const Trace*> onlyTrace(std::string_view what, const FigureInputs& inputs)
{
    if (inputs.traces.size() != 1 || inputs.series.count > 0)
        return fail(ErrorCode::Usage, "{} looks at one recording, and {} given; give one trace", what,
                    inputs.traces.empty() && inputs.series.count == 0 ? "none was" : "several were");
    return inputs.traces.front().get();
}

} // namespace winnow
