// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/wavelet_bands.h"

#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/wavelet/wavelet_tables.h"

namespace winnow {

Result<Figure> bandFigure(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, BandsOf bands,
                          const JobContext& job)
{
    ContributionMean sum;
    WINNOW_TRY_VOID(forEachTrace(kind.name, inputs, job, [&](const Trace& trace, const JobContext& part) -> Result<void> {
        WINNOW_TRY(const ContributionOptions one, contributionOptions(trace, options));
        WINNOW_TRY(const Contribution next, bands(trace, one, part));
        sum.add(next);
        return {};
    }));
    Contribution mean = sum.mean();
    WINNOW_TRY_VOID(checkHidden(options, mean.positions));
    Figure figure;
    figure.caption = bandsCaption(mean);
    figure.manifest = mean.manifest;
    figure.numbers = {std::move(mean), bandTables};
    return figure;
}

} // namespace winnow
