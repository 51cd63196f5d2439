// Curves over steps, layers and distance, from a replay: what the Quality tab and the figures `mass`, `layers` and `distance` show.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/figures.h"

namespace winnow {

struct CurveOptions {
    std::vector<int> policies;              ///< numbers from 0; empty = all
    std::vector<std::pair<int, int>> lanes; ///< replayed layer, KV head; empty = all
    std::optional<StepSpan> steps;          ///< steps that means run over; empty = see meanSteps in means.h
    int kvHeads = 0;                        ///< per layer; 0 = the fewest lanes that any policy has
};

/// "TreeKV 128": the policy's title and its slots; "Full" alone.
std::string policyLabel(const PolicyReplay& policy);

/// The metrics of the Quality tab: mass, error, regret, slots.
struct MetricInfo {
    Metric metric = Metric::Mass;
    std::string_view title, axisTitle;
    bool higherIsBetter = true;
};
std::span<const MetricInfo> metricCatalog();

/// Its entry; nullptr where no metric is called so.
const MetricInfo* findMetric(std::string_view name);

/// The policies with these numbers (from 0), or all where none is given. Errors: no such policy.
Result<std::vector<int>> existingPolicies(const ReplayResult& replay, std::vector<int> numbers);
/// The fewest lanes per layer that any policy has: KV heads, unless all of them decide per query head.
int fewestLanes(const ReplayResult& replay);

/// Reads every chosen lane's metric once: some milliseconds for 192 lanes of 8,192 tokens. Regret is NaN for a policy replayed
/// without the oracle. Errors: no such policy, cancelled.
Result<QualityCurves> qualityCurves(const ReplayResult& replay, Metric metric, const CurveOptions& options, const JobContext& job);

/// Cost like qualityCurves.
Result<LayerCurves> layerCurves(const ReplayResult& replay, Metric metric, const CurveOptions& options, const JobContext& job);

/// Cost like qualityCurves.
Result<DistanceCurves> distanceCurves(const ReplayResult& replay, const CurveOptions& options, const JobContext& job);

} // namespace winnow
