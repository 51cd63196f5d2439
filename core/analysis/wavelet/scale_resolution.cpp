// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scale_resolution.h"

#include "core/analysis/curves.h"
#include "core/analysis/kept_share.h"
#include "core/analysis/wavelet/replayed_heads.h"
#include "core/analysis/wavelet/wavelet_catalog.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace winnow {

namespace {

/// The indices into [layers × lanes] of the lanes that the heads read, each once.
std::vector<int> lanesOf(const Trace& trace, const PolicyReplay& policy, const std::vector<QueryHead>& heads,
                         const std::vector<int>& numbers)
{
    std::set<int> lanes;
    for (const QueryHead& head : heads) {
        const auto layer = static_cast<std::size_t>(head.layerIndex);
        lanes.insert(numbers[layer] * policy.lanes + laneOfHead(policy, head.head, trace.info().layerInfo[layer].queryHeads));
    }
    return {lanes.begin(), lanes.end()};
}

ScaleResolution::Policy resolutionOf(const ReplayResult& replay, int number, const std::vector<int>& lanes, int step,
                                     const ScaleMatrix& matrix)
{
    const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
    ScaleResolution::Policy one{.label = policyLabel(policy), .spec = policyLine(replay, policy), .policy = number};
    double sum = 0;
    int known = 0;
    for (int octave = 0; octave < matrix.octaves; ++octave) {
        const auto c = static_cast<std::size_t>(octave);
        // distances edges[c] ≤ t − i < edges[c + 1]
        const double share =
            keptInRange(policy, lanes, step, step - matrix.edges[c + 1] + 1, step - matrix.edges[c] + 1).value_or(0);
        one.share.push_back(share);
        one.level.push_back(share > 0 ? 0 - std::log2(share) : std::numeric_limits<double>::infinity());
        if (std::isnan(matrix.meanLevel[c]))
            continue;
        const double nothing = std::log2(matrix.edges[c + 1] - matrix.edges[c]);
        sum += std::abs(std::min(one.level.back(), nothing) - matrix.meanLevel[c]);
        ++known;
    }
    one.apart = known > 0 ? sum / known : std::numeric_limits<double>::quiet_NaN();
    return one;
}

} // namespace

Result<ScaleResolution> scaleResolution(const Trace& trace, const ReplayResult& replay, ContributionOptions what,
                                        const std::vector<int>& policies, int hide, const JobContext& job)
{
    WINNOW_TRY(const std::vector<int> numbers, replayedLayers(trace, replay));
    WINNOW_TRY(const std::vector<int> chosen, existingPolicies(replay, policies));
    WINNOW_TRY_VOID(chooseReplayed(trace, replay, numbers, chosen, what));
    ScaleResolution result{.step = what.steps.front()};
    if (what.levels == 0) {
        WINNOW_TRY(const WaveletFacts facts, waveletFacts(what.wavelet));
        what.levels = levelsForSlope(result.step + 1, facts.filterLength, hide);
    }
    WINNOW_TRY(result.contribution, contribution(trace, what, job));
    result.matrix = scaleMatrix(result.contribution, hide);
    for (const int number : chosen) {
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
        result.policies.push_back(
            resolutionOf(replay, number, lanesOf(trace, policy, what.heads, numbers), result.step, result.matrix));
    }
    return result;
}

} // namespace winnow
