// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "autopsy": what became of a token, or of a range of tokens.
#include "core/analysis/autopsy.h"

#include "core/analysis/figures/figure_inputs.h"

#include <numeric>

namespace winnow {

namespace {

Result<Figure> makeAutopsy(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                           const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY_VOID(firstTrace(kind.name, inputs));
    const Trace* trace = traceOf(inputs, *replay);
    if (!trace)
        return fail(ErrorCode::BadInput, "'{}' is over other tokens than the replay; give the recording that it was made from",
                    inputs.traces.front()->path().string());
    const int middle = static_cast<int>(replay->tokenIds.size()) / 2;
    const CurveOptions chosen = curveOptions(options);
    WINNOW_TRY(Autopsy found, autopsy(*trace, *replay,
                                      {.tokens = options.tokenRange.value_or(IntRange{middle, middle}),
                                       .policies = chosen.policies,
                                       .lanes = chosen.lanes},
                                      job));
    for (Autopsy::Line& line : found.lines) {
        std::vector<std::size_t> rows(line.fates.size());
        std::iota(rows.begin(), rows.end(), std::size_t{0});
        WINNOW_TRY_VOID(addVerdicts(*trace, *replay, line, rows, job));
    }
    const auto [first, last] = found.tokens;
    std::string words;
    for (int token = first; token <= std::min(last, first + 7); ++token)
        words += std::string(tokenText(trace->info(), Position{token}));
    Figure figure;
    figure.title = first == last ? fmt::format("Token {}", first) : fmt::format("Tokens {} to {}", first, last);
    figure.caption = fmt::format("{}, {}, share of lanes that store \"{}{}\" after each step; above, the attention that the full "
                                 "cache pays to it, largest query head and mean",
                                 replay->loopName(), lanesText(options), words, last > first + 7 ? " …" : "");
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(found), autopsyTables};
    return figure;
}

} // namespace

FigureKind figureAutopsy()
{
    return {.name = "autopsy",
            .title = "Autopsy of a token",
            .summary = "How long every policy holds a token or a range of them (the middle one unless said), beside the "
                       "attention that the full cache pays to it",
            .needs = FigureNeeds::Both,
            .reads = {kReadsTokens, kReadsPolicies, kReadsLanes, kReadsSteps},
            .make = makeAutopsy};
}

} // namespace winnow
