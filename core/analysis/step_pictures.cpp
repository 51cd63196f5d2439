// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/step_pictures.h"

#include "core/analysis/kept_share.h"

#include <algorithm>
#include <limits>

namespace winnow {

Result<KeptPicture> keptPicture(const ReplayResult& replay, int step, IntRange tokens, const CurveOptions& options,
                                const std::vector<int>& windows, const JobContext& job, int reference)
{
    const int count = static_cast<int>(replay.tokenIds.size());
    if (step < 0 || step >= count)
        return fail(ErrorCode::Usage, "step {} does not exist: this replay has the steps 0 to {}", step, count - 1);
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(replay, options.policies));
    KeptPicture picture{.step = step, .tokens = tokens, .reference = reference};
    const auto shown = static_cast<std::size_t>(tokens.second - tokens.first + 1);
    for (const int number : policies) {
        WINNOW_TRY_VOID(job.check("the figure"));
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
        if (policy.stepsDone <= step)
            return fail(ErrorCode::BadInput,
                        "{} was replayed for its first {} steps only, so what it keeps after step {} is not known",
                        policyLabel(policy), policy.stepsDone, step);
        const LaneChoice choice = chooseLanes(policy, options.lanes, fewestLanes(replay), windows);
        KeptPicture::Row row{.label = policyLabel(policy), .spec = policyLine(replay, policy), .policy = number};
        row.bytes.resize(shown);
        keptBytes(policy, choice, step, tokens.first, row.bytes);
        std::vector<std::uint16_t> kept(shown);
        countKept(policy, choice.lanes, step, tokens.first, kept);
        for (const std::uint16_t lanesThatKeep : kept)
            row.share.push_back(static_cast<double>(lanesThatKeep) /
                                static_cast<double>(std::max<std::size_t>(1, choice.lanes.size())));
        if (reference >= 0 && reference != number) {
            const PolicyReplay& other = *replay.policies[static_cast<std::size_t>(reference)];
            if (other.stepsDone <= step)
                return fail(ErrorCode::BadInput,
                            "{} was replayed for its first {} steps only, so nothing can be set against it after step {}",
                            policyLabel(other), other.stepsDone, step);
            const LanePairs pairs = pairLanes(policy, other, options.lanes, fewestLanes(replay), windows);
            row.cells = differenceCells(policy, other, pairs, step, tokens.first, static_cast<int>(shown));
            const DifferenceCounts counts = countDifference(policy, other, pairs, step, tokens.first, static_cast<int>(shown));
            const double lanes = static_cast<double>(std::max<std::size_t>(1, pairs.size()));
            for (std::size_t at = 0; at < shown; ++at) {
                row.thisOnly.push_back(counts.thisOnly[at] / lanes);
                row.referenceOnly.push_back(counts.referenceOnly[at] / lanes);
            }
        }
        picture.rows.push_back(std::move(row));
    }
    return picture;
}

Result<LanePicture> lanePicture(const ReplayResult& replay, const Metric& metric, const CurveOptions& options,
                                const JobContext& job)
{
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(replay, options.policies));
    std::vector<std::shared_ptr<const PolicyReplay>> shown;
    for (const int number : policies)
        shown.push_back(replay.policies[static_cast<std::size_t>(number)]);
    LanePicture picture{.metric = &metric, .range = meanSteps(shown, replay.prompt, options.steps)};
    for (const Layer layer : replay.layers)
        picture.layers.push_back(raw(layer));
    for (std::size_t p = 0; p < policies.size(); ++p) {
        WINNOW_TRY_VOID(job.check("the figure"));
        const PolicyReplay& policy = *shown[p];
        LanePicture::Panel panel{
            .label = policyLabel(policy), .spec = policyLine(replay, policy), .policy = policies[p], .lanes = policy.lanes};
        for (int lane = 0; lane < policy.layers * policy.lanes; ++lane)
            panel.values.push_back(meanMetric(policy, metric, std::span(&lane, 1), picture.range)
                                       .value_or(std::numeric_limits<double>::quiet_NaN()));
        picture.panels.push_back(std::move(panel));
    }
    return picture;
}

} // namespace winnow
