// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of bands by level, as the mean over one or several recordings.
#pragma once

#include "core/analysis/figures/figure.h"
#include "core/analysis/wavelet/contribution.h"

namespace winnow {

/// `contribution` or `treekvFigure2`.
using BandsOf = Result<Contribution> (*)(const Trace& trace, const ContributionOptions& options, const JobContext& job);

Result<Figure> bandFigure(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, BandsOf bands,
                          const JobContext& job);

} // namespace winnow
