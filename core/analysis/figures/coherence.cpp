// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "coherence": where and at which scales two heads, or what two policies keep of a head, contribute together.
#include "core/analysis/curves.h"
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/wavelet/replayed_heads.h"
#include "core/analysis/wavelet/wavelet_tables.h"

#include <cmath>

namespace winnow {

namespace {

/// One of the two signals, with its name for the caption.
struct Side {
    CoherentSignal signal;
    std::string label;
};

/// Both heads. Unless said the first is head 0 of the last layer; the second is the same, or, where nothing else sets it apart,
/// its neighbor.
Result<std::array<QueryHead, 2>> bothHeads(const Trace& trace, const FigureOptions& options)
{
    const FigureAgainst& against = options.against;
    if (trace.layerCount() == 0)
        return fail(ErrorCode::BadInput, "'{}' holds no layers; record it again", trace.path().string());
    WINNOW_TRY(const int first, options.layer ? layerIndexOf(trace, *options.layer) : Result<int>(trace.layerCount() - 1));
    WINNOW_TRY(const int second, against.layer ? layerIndexOf(trace, *against.layer) : Result<int>(first));
    const int head = options.head.value_or(0), count = trace.info().layerInfo[static_cast<std::size_t>(first)].queryHeads;
    const bool apart = against.layer || against.policy || !options.policies.empty();
    return std::array{QueryHead{first, head}, QueryHead{second, against.head.value_or(apart ? head : (head + 1) % count)}};
}

std::string headText(const Trace& trace, const QueryHead& head)
{
    return fmt::format("layer {}, query head {}", raw(trace.info().layers[static_cast<std::size_t>(head.layerIndex)]), head.head);
}

/// The policy with this number (from 1) of the only replay.
Result<void> restrictTo(int number, const ReplayResult& replay, const std::vector<int>& layers, Side& side)
{
    WINNOW_TRY_VOID(existingPolicies(replay, {number - 1}));
    const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number) - 1];
    side.signal.policy = &policy;
    side.signal.layer = layers[static_cast<std::size_t>(side.signal.head.layerIndex)];
    if (side.signal.layer < 0)
        return fail(ErrorCode::Usage, "that layer was not replayed; choose among the {} layers that were", replay.layers.size());
    side.label += fmt::format(", as {} keeps it", policyLabel(policy));
    return {};
}

Result<std::array<Side, 2>> sidesOf(const Trace& trace, const FigureInputs& inputs, const FigureOptions& options)
{
    std::array<Side, 2> sides;
    WINNOW_TRY(const std::array heads, bothHeads(trace, options));
    for (std::size_t i = 0; i < 2; ++i)
        sides[i] = {.signal = {.head = heads[i]}, .label = headText(trace, heads[i])};
    if (inputs.replays.empty()) {
        if (!options.policies.empty() || options.against.policy)
            return fail(ErrorCode::Usage, "policies were named, and no replay was given; give the replay beside its recording");
    } else {
        const ReplayResult& replay = *inputs.replays.front();
        if (inputs.replays.size() > 1 || options.policies.size() > 1)
            return fail(ErrorCode::Usage,
                        "a coherence takes one replay and one policy a side; {} replays and {} policies were given",
                        inputs.replays.size(), options.policies.size());
        WINNOW_TRY(const std::vector<int> layers, replayedLayers(trace, replay));
        if (!options.policies.empty())
            WINNOW_TRY_VOID(restrictTo(options.policies.front(), replay, layers, sides[0]));
        if (options.against.policy)
            WINNOW_TRY_VOID(restrictTo(*options.against.policy, replay, layers, sides[1]));
    }
    if (sides[0].signal.head == sides[1].signal.head && sides[0].signal.policy == sides[1].signal.policy)
        return fail(ErrorCode::Usage,
                    "both signals are the same, {}; choose another with --against-head, --against-layer or "
                    "--against-policy",
                    sides[0].label);
    return sides;
}

/// The step of the options. What a policy keeps is known as far as it was replayed.
Result<std::optional<int>> stepOf(const FigureOptions& options, const std::array<Side, 2>& sides)
{
    if (options.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; a coherence is that of one step", options.steps.size());
    std::optional<int> step = options.steps.empty() ? std::nullopt : std::optional(options.steps.front());
    for (const Side& side : sides) {
        if (!side.signal.policy)
            continue;
        const int last = side.signal.policy->stepsDone - 1;
        if (step.value_or(0) > last)
            return fail(ErrorCode::Usage, "step {} was not replayed by both policies; choose one of 0 to {}", *step, last);
        if (options.steps.empty())
            step = std::min(step.value_or(last), last);
    }
    return step;
}

/// Like checkWavelet, for a figure that has but one transform.
Result<void> checkCoherence(const FigureOptions& options)
{
    if (options.wavelet && !continuousFacts(*options.wavelet))
        return waveletFacts(*options.wavelet)
                   ? fail(ErrorCode::Usage,
                          "'{}' is a discrete wavelet; a coherence takes a continuous one, such as morlet6 or "
                          "paul4",
                          *options.wavelet)
                   : fail(continuousFacts(*options.wavelet).error());
    return checkWavelet(options);
}

Result<Figure> makeCoherence(const FigureKind&, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("a coherence", inputs));
    WINNOW_TRY(const std::array sides, sidesOf(*trace, inputs, options));
    CoherenceRequest request{.pair = {sides[0].signal, sides[1].signal},
                             .trim = options.trim,
                             .wavelet =
                                 options.omega0 ? fmt::format("morlet{}", *options.omega0) : options.wavelet.value_or("morlet6"),
                             .perOctave = options.perOctave};
    WINNOW_TRY(request.step, stepOf(options, sides));
    WINNOW_TRY(request.kind, findSignal(options.signal));
    WINNOW_TRY(request.detrend, findDetrend(options.detrend.value_or("mean")));
    WINNOW_TRY(request.noise, findNoise(options.noise));
    WINNOW_TRY(TokenCoherence numbers, tokenCoherence(*trace, request, job));
    const bool full = !sides[0].signal.policy && !sides[1].signal.policy;
    Figure figure;
    figure.caption = fmt::format(
        "{}, step {}; first: {}; second: {}; {} wavelet{}, as normal scores{}; color: squared coherence; arrows: phase, right = "
        "together, down = "
        "the first comes a quarter of a period before the second; hatched: the ends are felt{}",
        full ? "full cache" : inputs.replays.front()->loopName(), numbers.step, sides[0].label, sides[1].label, numbers.wavelet,
        numbers.signalKind == SignalKind::Contribution ? ", sizes of the contributions" : signalText(numbers.signalKind),
        removedText(numbers.detrend, {}),
        numbers.threshold.empty() ? std::string()
        : numbers.noise == NoiseKind::Shuffled
            ? fmt::format("; outlined: more than in {:.0f} % of cases with the second's tokens in another order",
                          100 * numbers.confidence)
            : fmt::format("; outlined: more than two signals of {} noise in {:.0f} % of cases", noiseName(numbers.noise),
                          100 * numbers.confidence));
    figure.manifest = full ? numbers.manifest : inputs.replays.front()->manifest;
    if (full)
        figure.manifest["loop"] = "full cache";
    figure.manifest["first"] = sides[0].label;
    figure.manifest["second"] = sides[1].label;
    figure.numbers = {std::move(numbers), coherenceTables};
    return figure;
}

} // namespace

FigureKind figureCoherence()
{
    return {.name = "coherence",
            .title = "Coherence of two contributions",
            .summary = "Where and at which scales two heads contribute together, and which is ahead; with a replay, what two "
                       "policies keep of a head",
            .needs = FigureNeeds::Trace,
            .transform = "cwt",
            .reads = joinedReads({readsOfScalograms(),
                                  {{"--step"},
                                   {"--signal"},
                                   {"--layer"},
                                   {"--head"},
                                   {"--against-layer"},
                                   {"--against-head"},
                                   {"--wavelet"},
                                   {"--detrend"},
                                   {"--policies"},
                                   {"--against-policy"}}}),
            .check = checkCoherence,
            .make = makeCoherence};
}

} // namespace winnow
