// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/wavelet_pair.h"

#include "core/analysis/figures/wavelet_inputs.h"

#include <algorithm>

namespace winnow {

namespace {

/// The options of the picture that the first one is set against.
FigureOptions secondOptions(const FigureOptions& options)
{
    FigureOptions second = options;
    const FigureAgainst& against = options.against;
    if (against.step)
        second.steps = {*against.step};
    if (against.lanes) {
        second.lanes = *against.lanes;
        second.layers.clear();
        second.layer.reset();
        second.head.reset();
    }
    if (against.layer || against.head) {
        second.lanes.clear();
        second.layers.clear();
        if (against.layer)
            second.layer = against.layer;
        if (against.head)
            second.head = against.head;
    }
    if (against.policy)
        second.policies = {*against.policy};
    second.against = {};
    return second;
}

std::string headsText(const Trace& trace, const FigureOptions& options)
{
    const auto heads = headsOf(trace, options);
    if (!heads || heads->empty())
        return "all query heads";
    const auto layer = [&](const QueryHead& head) { return raw(trace.info().layers[static_cast<std::size_t>(head.layerIndex)]); };
    const bool oneLayer = std::all_of(heads->begin(), heads->end(),
                                      [&](const QueryHead& head) { return head.layerIndex == heads->front().layerIndex; });
    if (heads->size() == 1)
        return fmt::format("layer {}, query head {}", layer(heads->front()), heads->front().head);
    if (options.lanes.size() == 1)
        return fmt::format("layer {}, KV head {}", layer(heads->front()), options.lanes.front().head);
    return oneLayer ? fmt::format("layer {}, {}", layer(heads->front()), headCountText(static_cast<int>(heads->size())))
                    : headCountText(static_cast<int>(heads->size()));
}

std::string methodText(const FigureOptions& options, const Contribution& c)
{
    std::string text = fmt::format("{} wavelet, boundary {}", c.wavelet, c.mode);
    if (options.transform != "dwt")
        text += fmt::format(", {} transform", transformInfo(c.transform).name);
    return text + signalText(c.signalKind) + removedText(c.detrend, c.shuffle);
}

/// How a difference is to be read.
constexpr std::string_view kUpAndDown = "height: (first − second) / (first + second), blue and up where the first is larger";

/// What one kind of pictures adds to the figure.
struct Made {
    WaveletPair pair;
    std::string method, reading, note;
    std::map<std::string, std::string> manifest;
};

/// The shortest `scales` periods alone.
void cropScales(TokenScalogram& s, int scales)
{
    const auto count = static_cast<std::size_t>(scales);
    s.scales = scales;
    s.power.resize(count * static_cast<std::size_t>(s.positions));
    for (std::vector<double>* perScale : {&s.scale, &s.period, &s.global})
        perScale->resize(count);
    for (std::vector<double>* perScale : {&s.threshold, &s.globalThreshold})
        perScale->resize(perScale->empty() ? 0 : count);
    if (!s.cellThreshold.empty())
        s.cellThreshold.resize(s.power.size());
}

/// Both pictures of one recording, `one(options, first)` each, where `first` is null for the first; their labels and manifest.
template <class Picture, class One>
Result<std::array<Picture, 2>> picturesOf(const Trace& trace, const FigureOptions& options, Made& made, One one)
{
    std::array<Picture, 2> both;
    const std::array all{options, secondOptions(options)};
    for (std::size_t i = 0; i < 2; ++i) {
        WINNOW_TRY(both[i], one(all[i], i == 1 ? &both[0] : nullptr));
        made.pair.labels[i] = fmt::format("step {}, {}", both[i].step, headsText(trace, all[i]));
    }
    made.manifest = both[0].manifest;
    return both;
}

Figure figureOf(const FigureKind& kind, const FigureOptions& options, Made made)
{
    const bool lost = kind.needs != FigureNeeds::Trace;
    const auto loop = made.manifest.find("loop"); // a replay's says which
    const bool closed = loop != made.manifest.end() && loop->second == "closed";
    made.pair.difference = options.against.difference;
    Figure figure;
    figure.title = std::string(kind.title) + (made.pair.difference ? ": a difference" : ": side by side");
    figure.caption = fmt::format("{}; {}: {}; {}: {}; {}",
                                 !lost    ? "full cache"
                                 : closed ? "closed loop"
                                          : "open loop",
                                 made.pair.difference ? "first"
                                 : lost               ? "(a), (b)"
                                                      : "(a)",
                                 made.pair.labels[0],
                                 made.pair.difference ? "second"
                                 : lost               ? "(c), (d)"
                                                      : "(b)",
                                 made.pair.labels[1], made.method);
    if (made.pair.difference)
        figure.caption += "; " + made.reading + "; aligned at the newest position";
    if (!made.note.empty())
        figure.caption += ". " + made.note;
    figure.manifest = std::move(made.manifest);
    figure.numbers = {std::move(made.pair), pairTables};
    return figure;
}

} // namespace

Result<Figure> bandPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, BandsOf bands,
                        const JobContext& job)
{
    const FigureOptions second = secondOptions(options);
    std::array<ContributionMean, 2> sums;
    Made made;
    WINNOW_TRY_VOID(forEachTrace(kind.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
        for (const auto& [from, sum] : {std::pair(&options, &sums[0]), std::pair(&second, &sums[1])}) {
            WINNOW_TRY(const ContributionOptions one, contributionOptions(trace, *from));
            WINNOW_TRY(const Contribution next, bands(trace, one, part));
            sum->add(next);
        }
        made.pair.labels = {headsText(trace, options), headsText(trace, second)};
        return {};
    }));
    std::array<Contribution, 2> both{sums[0].mean(), sums[1].mean()};
    WINNOW_TRY_VOID(checkHidden(options, std::min(both[0].positions, both[1].positions)));
    for (std::size_t i = 0; i < 2; ++i)
        made.pair.labels[i] = fmt::format("{}, {}", stepsText(both[i]), made.pair.labels[i]);
    made.method = methodText(options, both[0]);
    made.reading = kUpAndDown;
    made.note = both[0].note.empty() ? both[1].note : both[0].note;
    made.manifest = both[0].manifest;
    made.pair.pictures = std::move(both);
    return figureOf(kind, options, std::move(made));
}

Result<Figure> scalogramPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a scalogram", inputs));
    Made made;
    const auto one = [&](const FigureOptions& chosen, const TokenScalogram*) -> Result<TokenScalogram> {
        WINNOW_TRY(const ScalogramOptions what, scalogramOptions(*trace, chosen));
        return scalogram(*trace, what, job);
    };
    WINNOW_TRY(auto both, picturesOf<TokenScalogram>(*trace, options, made, one));
    if (options.against.difference)
        for (TokenScalogram& one : both) // the ladders of scales begin alike; the shorter text's ends first
            cropScales(one, std::min(both[0].scales, both[1].scales));
    made.method = fmt::format("{} wavelet{}{}", both[0].wavelet, signalText(both[0].signalKind),
                              removedText(both[0].detrend, both[0].shuffle));
    if (options.trim > 0)
        made.method += fmt::format(", without the first and last {} positions", options.trim);
    made.method += "; hatched: the ends are felt";
    if (!options.against.difference)
        made.method += significanceText(both[0]);
    made.reading = "color: log2 of first / second, blue where the first is larger, full at 8 times; blank below a thousandth of "
                   "the largest power";
    made.pair.pictures = std::move(both);
    return figureOf(kind, options, std::move(made));
}

Result<Figure> packetPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a packet basis", inputs));
    Made made;
    const auto one = [&](const FigureOptions& chosen, const PacketBands* first) -> Result<PacketBands> {
        WINNOW_TRY(const ContributionOptions what, contributionOptions(*trace, chosen));
        return packetBands(*trace, what, job, options.against.difference ? first : nullptr);
    };
    WINNOW_TRY(auto both, picturesOf<PacketBands>(*trace, options, made, one));
    WINNOW_TRY_VOID(checkHidden(options, std::min(both[0].positions, both[1].positions)));
    made.method = fmt::format("{} wavelet, boundary {}{}; best basis{}", both[0].wavelet, both[0].mode,
                              signalText(both[0].signalKind) + removedText(both[0].detrend, both[0].shuffle),
                              options.against.difference ? " of the first" : " of each");
    made.reading = "color: (first − second) / (first + second), blue where the first is larger";
    made.note = both[0].note;
    made.pair.pictures = std::move(both);
    return figureOf(kind, options, std::move(made));
}

Result<Figure> lostPair(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, LostBandsOf lostBandsOf,
                        const JobContext& job)
{
    std::array<LostBands, 2> both;
    Made made;
    const std::array all{options, secondOptions(options)};
    for (std::size_t i = 0; i < 2; ++i) {
        FigureOptions one = all[i];
        if (one.policies.size() > 1)
            return fail(ErrorCode::Usage,
                        "{} policies were given; against another one only one can be set, so give one number with --policies",
                        one.policies.size());
        if (one.policies.empty())
            one.policies = {1};
        one.against = {};
        WINNOW_TRY(Figure figure, lostBandsOf(inputs, one, job));
        both[i] = figure.numbers.as<LostBands>();
        made.pair.labels[i] = fmt::format("lost by {}, step {}, {}", both[i].policies.front().label, both[i].step,
                                          headsText(*inputs.traces.front(), one));
        if (i == 0)
            made.manifest = std::move(figure.manifest);
    }
    made.method =
        fmt::format("{}; table: energy of the evicted tokens' band / energy of the band; first and last {} positions left out",
                    methodText(options, both[0].whole), options.hidden());
    made.reading = std::string(kUpAndDown) + "; table: first − second";
    made.note = both[0].whole.note;
    made.pair.pictures = std::move(both);
    return figureOf(kind, options, std::move(made));
}

} // namespace winnow
