// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/drift.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

namespace {

PolicyDrift::Part driftOf(const PolicyReplay& run, const PolicyReplay& replay, int firstLayer, int lastLayer, int firstStep)
{
    std::int64_t lifetimes = 0, differing = 0, steps = 0;
    double mass = 0, error = 0;
    for (int layer = firstLayer; layer < lastLayer; ++layer)
        for (int lane = 0; lane < run.lanes; ++lane)
            for (int token = 0; token < run.tokens; ++token) {
                const std::size_t at = run.index(layer, lane, token);
                ++lifetimes;
                differing += run.evictStep[at] != replay.evictStep[at];
                if (token < firstStep)
                    continue;
                ++steps;
                mass += static_cast<double>(run.mass[at]) - replay.mass[at];
                error += static_cast<double>(run.error[at]) - replay.error[at];
            }
    return {.differing = static_cast<double>(differing) / static_cast<double>(std::max<std::int64_t>(1, lifetimes)),
            .mass = mass / static_cast<double>(std::max<std::int64_t>(1, steps)),
            .error = error / static_cast<double>(std::max<std::int64_t>(1, steps))};
}

} // namespace

std::vector<PolicyDrift> driftBetween(const ReplayResult& run, const ReplayResult& replay)
{
    WINNOW_CHECK(run.tokenIds.size() == replay.tokenIds.size() && run.layers == replay.layers,
                 "a run and a replay of other texts");
    std::vector<PolicyDrift> drifts;
    for (const auto& policy : run.policies) {
        const auto other = std::find_if(replay.policies.begin(), replay.policies.end(), [&](const auto& candidate) {
            return candidate->spec.canonical() == policy->spec.canonical() && candidate->lanes == policy->lanes;
        });
        if (other == replay.policies.end())
            continue;
        PolicyDrift drift{.spec = policy->spec.canonical(), .all = driftOf(*policy, **other, 0, policy->layers, run.prompt)};
        for (int layer = 0; layer < policy->layers; ++layer)
            drift.layers.push_back(driftOf(*policy, **other, layer, layer + 1, run.prompt));
        drifts.push_back(std::move(drift));
    }
    return drifts;
}

} // namespace winnow
