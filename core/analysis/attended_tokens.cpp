// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/attended_tokens.h"

#include <algorithm>
#include <numeric>

namespace winnow {

const std::int32_t* LosingLane::leftAt() const
{
    if (!replay)
        return nullptr;
    const PolicyReplay& one = *replay->policies[static_cast<std::size_t>(policy)];
    return one.evictStep.data() + one.index(layer, lane, 0);
}

LosingLane losingLane(std::shared_ptr<const ReplayResult> replay, int policy, const TraceInfo& info, int layerIndex, Head head)
{
    const auto index = static_cast<std::size_t>(layerIndex);
    if (!replay || policy >= static_cast<int>(replay->policies.size()) || index >= info.layers.size())
        return {};
    const auto found = std::ranges::find(replay->layers, info.layers[index]);
    if (found == replay->layers.end())
        return {};
    const int layer = static_cast<int>(found - replay->layers.begin());
    const int lanes = replay->policies[static_cast<std::size_t>(policy)]->lanes;
    const int heads = std::max(1, info.layerInfo[index].queryHeads / std::max(1, lanes)); // that read one lane
    return {std::move(replay), policy, layer, raw(head) / heads};
}

Result<AttendedTokens> attendedTokens(const Trace& trace, int layerIndex, Head head, const LosingLane& lane, int step,
                                      std::size_t most, const JobContext& job)
{
    const AttentionQuery one{.layerIndex = layerIndex,
                             .queryHead = head,
                             .queryBegin = Position{step},
                             .queryEnd = Position{step + 1},
                             .keyBegin = Position{0},
                             .keyEnd = Position{step + 1}};
    WINNOW_TRY(const AttentionTile row, attentionTile(trace, one, job));
    const PolicyReplay* policy = lane.replay ? lane.replay->policies[static_cast<std::size_t>(lane.policy)].get() : nullptr;
    if (policy && step >= policy->stepsDone)
        policy = nullptr;
    AttendedTokens result{.step = step, .compared = policy != nullptr};
    const auto lost = [&](int token) { return policy && !policy->attends(lane.layer, lane.lane, token, step); };
    for (int token = 0; token <= step; ++token)
        (lost(token) ? result.lost : result.kept) += static_cast<double>(row.values[static_cast<std::size_t>(token)]);
    std::vector<int> order(static_cast<std::size_t>(step) + 1);
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](int a, int b) {
        const float first = row.values[static_cast<std::size_t>(a)], other = row.values[static_cast<std::size_t>(b)];
        return first != other ? first > other : a < b;
    });
    for (auto at = order.begin(); at != end; ++at)
        result.tokens.push_back({.token = *at,
                                 .share = row.values[static_cast<std::size_t>(*at)],
                                 .lost = lost(*at),
                                 .leftAt = policy ? policy->evictStep[policy->index(lane.layer, lane.lane, *at)] : -1});
    return result;
}

} // namespace winnow
