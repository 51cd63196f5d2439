// SPDX-License-Identifier: GPL-3.0-or-later
// Drift: how much a run (closed loop) differs from the replay (open loop) of the same policy. It arises because errors of lower
// layers change what higher layers see and choose. Plain numbers, any thread.
#pragma once

#include "core/analysis/curves.h"
#include "core/replay/replay_result.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace winnow {

struct PolicyDrift {
    /// Of one layer, of one token, or of all.
    struct Part {
        double differing = 0; ///< share of lifetimes that differ, of all lanes and tokens
        double mass = 0;      ///< the run's mass minus the replay's, mean over lanes and the steps behind the prompt
        double error = 0;     ///< of the attention's output, likewise; the run's holds the drift of its queries too
        /// RunCosts::hiddenError, mean over layers and the steps behind the prompt. A replay has the full cache's hidden states,
        /// so that all of it is drift.
        double hidden = 0;
    };
    std::string spec;
    int run = 0, replay = 0; ///< numbers in their results
    Part all;
    std::vector<Part> layers; ///< as ReplayResult::layers
    std::vector<Part> steps;  ///< [T]: the lifetimes of token t; the others at step t, NaN before the prompt's end
};

/// Of every policy that both hold with the same parameters; tokens, layers and prompt must be the same. Mass, error and hidden
/// are NaN where one side, or the run, has none. Cost: a pass over [layers, lanes, T].
std::vector<PolicyDrift> driftBetween(const ReplayResult& run, const ReplayResult& replay);
/// The same of the runs in a result that holds both, beside its replays; of those that have come to their end.
std::vector<PolicyDrift> driftWithin(const ReplayResult& both);
/// Mean over the steps [begin, end), of which there is one or more.
PolicyDrift::Part driftOver(const PolicyDrift& drift, int begin, int end);

/// The measures of drift that pictures show: "lifetimes", "mass", "error" and "hidden". Of a Metric they have title, axis and
/// unit; `fill` is null, since drift needs two results.
std::span<const Metric> driftMeasures();
/// The measure of that name; nullptr where there is none.
const Metric* findDriftMeasure(std::string_view name);

/// A measure of drift as curves, a line per run with the run's number: against the step (lifetimes: the token) and the layer.
/// Averages are PolicyDrift::all.
struct DriftCurves {
    QualityCurves steps;
    LayerCurves layers;
    /// Steps that a point of a line on paper is the mean of: every one for itself is noise.
    int drawnMean() const { return std::max(1, steps.range.end / 48); }
};
/// `runs`: numbers of the runs that are shown; empty = all. No lines where no run stands beside its replay.
DriftCurves driftCurves(const ReplayResult& both, const Metric& measure, std::span<const int> runs = {});

} // namespace winnow
