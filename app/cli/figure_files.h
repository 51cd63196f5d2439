// SPDX-License-Identifier: GPL-3.0-or-later
// The files that figures are made from, as the command line names them.
#pragma once

#include "app/cli/console.h"
#include "core/analysis/figures/figure.h"

#include <string>
#include <vector>

namespace winnow::cli {

/// Traces, replays, answers or results of sweeps, as the figure needs them; with results the published tables, too. Errors: a
/// file of another kind, one that holds nothing that the figure can show.
Result<FigureInputs> openFigureInputs(const FigureKind& kind, const std::vector<std::string>& paths, Console& console);

} // namespace winnow::cli
