// Pictures of one step: which tokens every policy still has (the deck, and the text itself), and a measure of every lane (the
// head map). Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/figures_curves.h"

namespace winnow {

/// What every chosen policy stores of `tokens` after `step`. `windows`: sliding window per replayed layer, empty = none has one.
/// Cost: policies × lanes × tokens reads. Errors: no such policy or step, a replay that has not come so far, cancelled.
Result<KeptPicture> keptPicture(const ReplayResult& replay, int step, IntRange tokens, const CurveOptions& options,
                                const std::vector<int>& windows, const JobContext& job);

/// A metric's mean over steps for every lane of the chosen policies. Errors: no such policy, cancelled.
Result<LanePicture> lanePicture(const ReplayResult& replay, Metric metric, const CurveOptions& options, const JobContext& job);

} // namespace winnow
