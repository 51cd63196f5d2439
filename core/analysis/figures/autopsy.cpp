// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "autopsy": what became of a token, or of a range of tokens.
#include "core/analysis/figures/autopsy.h"

#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/kept_share.h"

#include <numeric>

namespace winnow {

namespace {

Table lifetimeTable(const std::string& spec, const LifetimeHistogram& histogram, std::size_t number)
{
    std::vector<std::int32_t> from, to;
    for (int bin = 0; bin < static_cast<int>(histogram.left.size()); ++bin) {
        from.push_back(bin * histogram.width);
        to.push_back((bin + 1) * histogram.width - 1);
    }
    const auto named = [&](const std::string& name) { return TableName(name, fmt::format("{}.{}", name, number)); };
    return {.axes = {{histogram.left.size()}},
            .columns = {{onlyCsv("policy"), {}, Values::one(spec), true},
                        {named("lifetime_from"), {0}, std::move(from)},
                        {named("lifetime_to"), {0}, std::move(to)},
                        {named("tokens_left"), {0}, histogram.left},
                        {named("tokens_stored"), {0}, histogram.stayed}}};
}

Tables pictureTables(const AutopsyPicture& picture)
{
    Tables all = autopsyTables(picture.autopsy);
    for (std::size_t i = 0; i < picture.lifetimes.size(); ++i)
        all.tables.push_back(lifetimeTable(picture.autopsy.lines[i].spec, picture.lifetimes[i], i));
    return all;
}

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
    AutopsyPicture picture{std::move(found), {}};
    for (const Autopsy::Line& line : picture.autopsy.lines) {
        const PolicyReplay& policy = *replay->policies[static_cast<std::size_t>(line.policy)];
        const LaneChoice lanes = chooseLanes(policy, options.lanes, fewestLanes(*replay), {});
        picture.lifetimes.push_back(lifetimesOf(policy, lanes.lanes, picture.autopsy.tokens, kLifetimeBins));
    }
    figure.numbers = {std::move(picture), pictureTables};
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
            .reads = {kReadsTokens, kReadsPolicies, kReadsLanes, kReadsSteps, kReadsFocus},
            .make = makeAutopsy};
}

} // namespace winnow
