// SPDX-License-Identifier: GPL-3.0-or-later
// The table of a run's costs on standard output.
#pragma once

#include "app/cli/console.h"
#include "core/analysis/run_costs.h"
#include "core/evaluate/cache_measure.h"

#include <optional>
#include <span>
#include <string>

namespace winnow::cli {

/// "0.101 [0.056, 0.154]"; "-" for nothing.
std::string addedText(const std::optional<AddedLoss>& added);

/// Per policy: loss and perplexity, distance from the full cache, mass and error, over the tokens behind the prompt. The first
/// line is the full cache, where it ran.
void summarizeRun(const ReplayResult& result, Console& console);
/// Per policy of `result`: bytes and time of its cache.
void tellCaches(const ReplayResult& result, std::span<const CacheMeasure> measures, Console& console);

} // namespace winnow::cli
