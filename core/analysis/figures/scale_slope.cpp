// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "scale-slope": does the dominant scale grow with distance?
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/wavelet/wavelet_tables.h"

namespace winnow {

namespace {

/// Of several recordings the mean of each head's powers comes before its slope.
Result<Figure> makeScaleSlope(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                              const JobContext& job)
{
    std::map<QueryHead, ContributionMean> heads;
    HeadSlopes slopes{.hide = options.hidden()};
    std::map<std::string, std::string> manifest;
    WINNOW_TRY(
        const int used, forEachTrace(kind.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
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
    slopes = slopesOf(heads, slopes.layers, options.hidden());
    WINNOW_TRY_VOID(checkHidden(options, slopes.all.positions));
    slopes.all.recordings = used;
    slopes.all.manifest = manifest;
    if (used > 1)
        slopes.all.manifest["recordings"] = std::to_string(used);
    const ScaleFit& fit = slopes.matrix.fit;
    Figure figure;
    figure.caption = bandsCaption(slopes.all) + fmt::format("; first and last {} positions left out", options.hidden());
    figure.caption +=
        fit.points < 3
            ? fmt::format("; too short for a slope with an interval ({} octaves)", fit.points)
            : fmt::format("; slope {:.2f} levels per octave of distance (95 %: {:.2f} to {:.2f}, {} octaves; 1 = a tree)",
                          fit.slope, fit.low, fit.high, fit.points);
    figure.manifest = slopes.all.manifest;
    figure.numbers = {std::move(slopes), slopeTables};
    return figure;
}

} // namespace

FigureKind figureScaleSlope()
{
    return {.name = "scale-slope",
            .title = "Scale against distance",
            .summary = "Does the dominant scale grow with distance: a table, a line, and its slope for every head",
            .needs = FigureNeeds::Trace,
            .averages = true,
            .reads = joinedReads({readsOfSignals(), readsOfBands()}),
            .check = checkBands,
            .make = makeScaleSlope};
}

} // namespace winnow
