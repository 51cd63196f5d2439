// SPDX-License-Identifier: GPL-3.0-or-later
// Curves over steps, layers and distance, from a replay: what the Quality tab and the figures `mass`, `layers` and `distance`
// show. Open loop. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/means.h"
#include "core/base/job_context.h"

#include <string>
#include <utility>
#include <vector>

namespace winnow {

struct CurveOptions {
    std::vector<int> policies;     ///< numbers from 0; empty = all
    std::vector<Lane> lanes;       ///< replayed layer, KV head; empty = all
    std::optional<StepSpan> steps; ///< steps that means run over; empty = see meanSteps in means.h
    int kvHeads = 0;               ///< per layer; 0 = the fewest lanes that any policy has
};

/// One line per policy over steps: `mean` over the chosen lanes, their least and most.
struct QualityCurves {
    struct Line {
        std::string label, spec;
        int policy = 0;                        ///< number in the replay, from 0: its color
        std::vector<double> mean, least, most; ///< [T], NaN where not computed
        double average = 0;                    ///< over the steps of `range`; NaN if none is computed
    };
    const Metric* metric = &Metric::Mass;
    int prompt = 0;
    StepSpan range; ///< the steps that `average` runs over
    int smooth = 1; ///< steps of the running mean that lines are drawn with, see runningMean
    std::vector<Line> lines;
};

/// One line per policy over layers: means over `range` and the layer's chosen lanes, with the least and the most of these lanes.
/// With the metric "slots" it is how a policy divides its budget.
struct LayerCurves {
    struct Line {
        std::string label, spec;
        int policy = 0;
        std::vector<double> mean, least, most; ///< [layers], NaN where not computed or no lane was chosen
    };
    const Metric* metric = &Metric::Mass;
    StepSpan range;
    std::vector<int> layers; ///< numbers of the model
    std::vector<Line> lines;
};

/// Share of the chosen lanes that still store a token of that distance (t − i), mean over steps.
struct DistanceCurves {
    struct Line {
        std::string label, spec;
        int policy = 0;
        std::vector<double> distance, share; ///< quarter octaves, see keptAgainstDistance; nearest first
    };
    double unit = 16; ///< the axis is log2(1 + distance / unit), now at the right edge
    StepSpan range;   ///< steps averaged over
    std::vector<Line> lines;
};

/// "TreeKV 128": the policy's title and its slots; "Full" alone. A run's says so: "TreeKV 128, run".
std::string policyLabel(const PolicyReplay& policy);
/// The policy's canonical line, for tables. Where `of` holds replays and runs, a run's says so, as its label does.
std::string policyLine(const ReplayResult& of, const PolicyReplay& policy);

/// The policies with these numbers (from 0), or all where none is given. Errors: no such policy.
Result<std::vector<int>> existingPolicies(const ReplayResult& replay, std::vector<int> numbers);
/// The fewest lanes per layer that any policy has: KV heads, unless all of them decide per query head.
int fewestLanes(const ReplayResult& replay);

/// Reads every chosen lane's metric once: some milliseconds for 192 lanes of 8,192 tokens. Regret is NaN for a policy replayed
/// without the oracle. `metric` outlives the curves. Errors: no such policy, cancelled.
Result<QualityCurves> qualityCurves(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                    const JobContext& job);

/// Cost and errors like qualityCurves.
Result<LayerCurves> layerCurves(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job);

/// Cost and errors like qualityCurves.
Result<DistanceCurves> distanceCurves(const ReplayResult& replay, const CurveOptions& options, const JobContext& job);

} // namespace winnow
