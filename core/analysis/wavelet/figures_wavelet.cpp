#include "core/analysis/wavelet/figures_wavelet.h"

#include "core/analysis/figures_make.h"

#include <algorithm>

namespace winnow {

namespace {

std::string captionOf(const Contribution& c)
{
    const int heads = c.heads / std::max(1, c.recordings);
    std::string caption =
        fmt::format("full cache, {}, {}, {} wavelet, boundary {}", stepsText(c), headCountText(heads), c.wavelet, c.mode);
    if (c.transform != BandTransform::Decimated)
        caption += fmt::format(", {} transform", transformInfo(c.transform).name);
    caption += signalText(c.signalKind);
    if (!c.note.empty())
        caption += ". " + c.note;
    return caption;
}

Result<Figure> scalogramFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a scalogram", inputs));
    WINNOW_TRY(const ScalogramOptions what, scalogramOptions(*trace, options));
    WINNOW_TRY(TokenScalogram numbers, scalogram(*trace, what, job));
    Figure figure;
    figure.title = "Contribution by scale and position";
    figure.caption =
        fmt::format("full cache, step {}, mean power of {}, {} wavelet{}{}; hatched: the ends are felt{}", numbers.step,
                    headCountText(numbers.heads), numbers.wavelet, signalText(numbers.signalKind),
                    options.trim > 0 ? fmt::format(", without the first and last {} positions", options.trim) : std::string(),
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
    WINNOW_TRY(const ContributionOptions what, contributionOptions(*trace, options));
    WINNOW_TRY(PacketBands numbers, packetBands(*trace, what, job));
    Figure figure;
    figure.title = "Contribution by wavelet packets";
    figure.caption =
        fmt::format("full cache, step {}, {}, {} wavelet, boundary {}{}; best basis: {} bands, entropy {:.3f} (dwt {:.3f})",
                    numbers.step, headCountText(numbers.heads), numbers.wavelet, numbers.mode, signalText(numbers.signalKind),
                    numbers.nodes.size(), numbers.entropy, numbers.entropyOfLevels);
    if (!numbers.note.empty())
        figure.caption += ". " + numbers.note;
    figure.manifest = numbers.manifest;
    figure.numbers = std::move(numbers);
    return figure;
}

} // namespace

Result<Figure> contributionFigure(const FigureInfo& info, const FigureInputs& inputs, const FigureOptions& options,
                                  const JobContext& job)
{
    const bool paper = info.name == "treekv-2";
    WINNOW_TRY(const BandTransform transform, findTransform(options.transform));
    if (paper && transform != BandTransform::Decimated)
        return fail(ErrorCode::Usage, "the figure 'treekv-2' is the discrete transform; for '{}' make the figure 'wavelet'",
                    options.transform);
    if (transform == BandTransform::Continuous)
        return scalogramFigure(inputs, options, job);
    if (transform == BandTransform::Packets)
        return packetFigure(inputs, options, job);
    ContributionMean sum;
    WINNOW_TRY_VOID(forEachTrace(info.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
        WINNOW_TRY(const ContributionOptions one, contributionOptions(trace, options));
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
    WINNOW_TRY(
        const int used, forEachTrace("scale-slope", inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
            WINNOW_TRY(const ContributionOptions one, contributionOptions(trace, options));
            if (!slopes.layers.empty() && slopes.layers != trace.info().layers)
                return fail(
                    ErrorCode::BadInput,
                    "'{}' holds {} layers and the recordings before it hold {}, or they are others; give recordings of one "
                    "model",
                    trace.path().string(), trace.layerCount(), slopes.layers.size());
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
    figure.caption +=
        fit.points < 3
            ? fmt::format("; too short for a slope with an interval ({} octaves)", fit.points)
            : fmt::format("; slope {:.2f} levels per octave of distance (95 %: {:.2f} to {:.2f}, {} octaves; 1 = a tree)",
                          fit.slope, fit.low, fit.high, fit.points);
    figure.manifest = slopes.all.manifest;
    figure.numbers = std::move(slopes);
    return figure;
}

Result<Figure> lostBandsFigure(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    if (inputs.replays.size() != 1 || inputs.traces.size() != 1)
        return fail(ErrorCode::Usage,
                    "the figure 'lost-bands' needs one replay and the recording that it replays; {} replays and {} traces were "
                    "given",
                    inputs.replays.size(), inputs.traces.size());
    const Trace& trace = *inputs.traces.front();
    LostBandsOptions what{.hide = options.hide};
    WINNOW_TRY(what.what, contributionOptions(trace, options));
    for (const int number : options.policies)
        what.policies.push_back(number - 1);
    WINNOW_TRY(LostBands numbers, lostBands(trace, *inputs.replays.front(), what, job));
    Figure figure;
    figure.caption =
        fmt::format("open loop, step {}, {}, {} wavelet, boundary {}{}; energy of the evicted tokens' band / energy of the "
                    "band; first and last {} positions left out",
                    numbers.step, headCountText(numbers.whole.heads), numbers.whole.wavelet, numbers.whole.mode,
                    signalText(numbers.whole.signalKind), options.hide);
    figure.manifest = inputs.replays.front()->manifest;
    figure.numbers = std::move(numbers);
    return figure;
}

} // namespace winnow
