// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "scale-slope": does the dominant scale grow with distance?
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/number_text.h"
#include "core/analysis/wavelet/head_slopes.h"
#include "core/analysis/wavelet/wavelet_tables.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

/// Several recordings of different lengths are looked at as far back as the shortest reaches; 0 where none was given.
Result<int> sharedPositions(const FigureInputs& inputs, const FigureOptions& options)
{
    int shortest = 0;
    for (const auto& trace : inputs.traces) {
        WINNOW_TRY(const ContributionOptions one, contributionOptions(*trace, options));
        WINNOW_TRY(const SignalPlan plan, planSignals(*trace, {one.heads, one.steps, 0, one.signal, {}}));
        shortest = shortest == 0 ? plan.shortest() : std::min(shortest, plan.shortest());
    }
    return inputs.traces.size() + inputs.series.count > 1 ? shortest : 0;
}

std::string intervalText(std::string_view over, double low, double high)
{
    return std::isnan(low) ? std::string()
                           : fmt::format(", 95 % over {} {} to {}", over, numberText(low, 2), numberText(high, 2));
}

/// What was drawn from for the intervals.
std::string_view unitsText(const HeadSlopes& slopes)
{
    return slopes.all.recordings == 1 ? "heads" : slopes.heads.size() == 1 ? "recordings" : "recordings and heads";
}

/// The octaves that the line leaves out, with the reason.
std::string leftOutText(const ScaleMatrix& m)
{
    std::string text;
    const auto list = [&](OctaveUse use, std::string_view reason) {
        std::vector<std::string> octaves;
        for (std::size_t i = 0; i < m.use.size(); ++i)
            if (m.use[i] == use)
                octaves.push_back(fmt::format("{} to {}", m.edges[i], m.edges[i + 1] - 1));
        if (!octaves.empty())
            text += fmt::format("; distances left out, {}: {}", reason, fmt::join(octaves, ", "));
    };
    list(OctaveUse::NearEnds, fmt::format("too near the ends for level {}", m.levels));
    list(OctaveUse::BeyondLevels, fmt::format("coarser than level {}", m.levels));
    return text;
}

std::string slopeText(const HeadSlopes& slopes)
{
    const ScaleFit& fit = slopes.matrix.fit;
    std::string text;
    if (fit.points < 2) {
        text = fmt::format("; too short for a slope ({} octave{})", fit.points, fit.points == 1 ? "" : "s");
    } else {
        text = fmt::format("; slope {} levels per octave of distance, every head alike{}{}; weighted by energy {}{}; "
                           "1 = a tree, 0 = distance does not matter",
                           numberText(fit.slope, 2), intervalText(unitsText(slopes), slopes.interval.low, slopes.interval.high),
                           intervalText(fmt::format("{} octaves", fit.points), fit.low, fit.high),
                           numberText(slopes.byEnergy.fit.slope, 2),
                           intervalText(unitsText(slopes), slopes.energyInterval.low, slopes.energyInterval.high));
    }
    return text + leftOutText(slopes.matrix);
}

Result<Figure> makeScaleSlope(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                              const JobContext& job)
{
    HeadSlopeSum sum(options.hidden());
    WINNOW_TRY(const int window, sharedPositions(inputs, options));
    WINNOW_TRY(const int used,
               forEachTrace(kind.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
                   WINNOW_TRY(ContributionOptions one, contributionOptions(trace, options));
                   one.window = window;
                   return sum.add(trace, one, part);
               }));
    HeadSlopes slopes = sum.finish();
    WINNOW_TRY_VOID(checkHidden(options, slopes.all.positions));
    if (used > 1)
        slopes.all.manifest["recordings"] = std::to_string(used);
    Figure figure;
    figure.caption =
        bandsCaption(slopes.all, false) + fmt::format("; {} level{}; first and last {} positions left out", slopes.all.levels,
                                                      slopes.all.levels == 1 ? "" : "s", options.hidden());
    figure.caption += slopeText(slopes);
    figure.manifest = slopes.all.manifest;
    figure.numbers = {std::move(slopes), slopeTables};
    return figure;
}

} // namespace

FigureKind figureScaleSlope()
{
    return {.name = "scale-slope",
            .title = "Scale against distance",
            .summary = "Whether the dominant scale grows with distance: a table, a fitted line, and its slope for every head",
            .needs = FigureNeeds::Trace,
            .averages = true,
            .transform = "modwt",
            .levels = 0,
            .reads = joinedReads({readsOfSignals(), readsOfBands()}),
            .check = checkBands,
            .make = makeScaleSlope};
}

} // namespace winnow
