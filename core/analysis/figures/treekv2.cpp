// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "treekv-2": figure 2 of TreeKV (arXiv 2501.04987).
#include "core/analysis/figures/wavelet_bands.h"
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/figures/wavelet_pair.h"

namespace winnow {

namespace {

Result<void> checkTreeKv2(const FigureOptions& options)
{
    if (options.transform != "dwt")
        return fail(ErrorCode::Usage, "the figure 'treekv-2' is the discrete transform; for '{}' make the figure 'wavelet'",
                    *options.transform);
    return {};
}

Result<Figure> makeTreeKv2(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                           const JobContext& job)
{
    return options.against.any() ? bandPair(kind, inputs, options, treekvFigure2, job)
                                 : bandFigure(kind, inputs, options, treekvFigure2, job);
}

} // namespace

FigureKind figureTreeKv2()
{
    return {.name = "treekv-2",
            .title = "Contribution by scale (TreeKV, figure 2)",
            .summary = "Haar bands of every position's contribution to one step's output, five levels, 512 positions",
            .needs = FigureNeeds::Trace,
            .averages = true,
            .reads = joinedReads({readsOfSignals(), {{"--mode"}, {"--hide"}}, readsOfPairs()}),
            .check = checkTreeKv2,
            .make = makeTreeKv2};
}

} // namespace winnow
