// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "lost-bands": what policies lose, by scale.
#include "core/analysis/wavelet/lost_bands.h"
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/figures/wavelet_pair.h"
#include "core/analysis/wavelet/wavelet_tables.h"

namespace winnow {

namespace {

Result<Figure> oneLostBands(const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    if (inputs.replays.size() != 1 || inputs.traces.size() != 1)
        return fail(ErrorCode::Usage,
                    "the figure 'lost-bands' needs one replay and the recording that it replays; {} replays and {} traces were "
                    "given",
                    inputs.replays.size(), inputs.traces.size());
    const Trace& trace = *inputs.traces.front();
    LostBandsOptions what{.hide = options.hidden()};
    WINNOW_TRY(what.what, contributionOptions(trace, options));
    for (const int number : options.policies)
        what.policies.push_back(number - 1);
    WINNOW_TRY(LostBands numbers, lostBands(trace, *inputs.replays.front(), what, job));
    WINNOW_TRY_VOID(checkHidden(options, numbers.whole.positions));
    Figure figure;
    figure.caption = fmt::format("{}, step {}, {}, {} wavelet, boundary {}{}; energy of the evicted tokens' band / energy of the "
                                 "band; first and last {} positions left out",
                                 inputs.replays.front()->loopName(), numbers.step, headCountText(numbers.whole.heads),
                                 numbers.whole.wavelet, numbers.whole.mode,
                                 signalText(numbers.whole.signalKind) + removedText(numbers.whole.detrend, numbers.whole.shuffle),
                                 options.hidden());
    figure.manifest = inputs.replays.front()->manifest;
    figure.numbers = {std::move(numbers), lostTables};
    return figure;
}

Result<Figure> makeLostBands(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                             const JobContext& job)
{
    return options.against.any() ? lostPair(kind, inputs, options, oneLostBands, job) : oneLostBands(inputs, options, job);
}

} // namespace

FigureKind figureLostBands()
{
    return {.name = "lost-bands",
            .title = "What policies lose, by scale",
            .summary = "Contribution lost per band and distance: evicted tokens against all, a table per policy",
            .needs = FigureNeeds::Both,
            .reads = joinedReads({readsOfSignals(), readsOfBands(), {kReadsPolicies}, readsOfPairs(), {{"--against-policy"}}}),
            .check = checkBands,
            .make = makeLostBands};
}

} // namespace winnow
