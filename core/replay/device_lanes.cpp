// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_lanes.h"

#include "core/device/kernels/walk.h"

#include <algorithm>
#include <map>

namespace winnow {

namespace {

kernel::Chooses choosesOf(Acts acts)
{
    return acts == Acts::Never       ? kernel::Chooses::Never
           : acts == Acts::EveryStep ? kernel::Chooses::EveryStep
                                     : kernel::Chooses::AtPromptEnd;
}

kernel::RowsOfHeads groupOf(GroupReduction group)
{
    return group == GroupReduction::Mean  ? kernel::RowsOfHeads::Mean
           : group == GroupReduction::Max ? kernel::RowsOfHeads::Max
                                          : kernel::RowsOfHeads::Sum;
}

kernel::Moves movesOf(PositionMode mode)
{
    return mode == PositionMode::Keep       ? kernel::Moves::Never
           : mode == PositionMode::Reassign ? kernel::Moves::BySlot
                                            : kernel::Moves::Once;
}

/// The most slots that a lane may hold, that of the step's own token included.
int capacityOf(const ReplayPlan& plan, const PolicyPlan& policy, int slots)
{
    const Recipe& recipe = policy.recipe;
    if (recipe.acts != Acts::EveryStep)
        return plan.tokens; // after its only choice a lane grows
    // What was decided beforehand may leave a prompt whole until the first choice of the steps.
    return std::min(plan.tokens, std::max(slots, plan.prompt) + recipe.every + (policy.decision ? recipe.every : 0));
}

kernel::WalkLane laneOf(const ReplayPlan& plan, const PolicyPlan& policy, int layer, int unit)
{
    const Recipe& recipe = policy.recipe;
    kernel::WalkLane lane;
    lane.firstHead = unit * policy.headsPerUnit;
    lane.heads = policy.headsPerUnit;
    lane.headsPerLane = policy.headsPerLane;
    lane.group = groupOf(recipe.group);
    lane.chooses = choosesOf(recipe.acts);
    lane.every = recipe.every;
    lane.moves = movesOf(recipe.positions);
    lane.budget = policy.slotsOf(layer, unit);
    lane.sinks = recipe.protection.sinks;
    lane.recent = recipe.protection.recent + recipe.protection.window;
    lane.capacity = capacityOf(plan, policy, lane.budget);
    if (const PromptChoice* choice = policy.choice(layer, unit)) {
        lane.decided = true;
        lane.leavingCount = static_cast<int>(choice->victims.size());
    }
    return lane;
}

std::size_t bytesOf(const kernel::WalkLane& lane, const WalkParts& parts, int headDim)
{
    kernel::Arrays counted;
    kernel::LaneArrays arrays;
    place(counted, arrays, lane.capacity, headDim);
    return static_cast<std::size_t>(counted.bytes) + parts.scorer.arrayBytes(parts.scorer.state.data(), lane.capacity) +
           parts.selector.arrayBytes(parts.selector.state.data(), lane.capacity);
}

} // namespace

std::vector<DeviceWalk> deviceWalks(const ReplayPlan& plan, const std::vector<int>& headDims, int first, int last)
{
    std::map<std::pair<std::string_view, std::string_view>, DeviceWalk> walks;
    for (std::size_t p = 0; p < plan.policies.size(); ++p) {
        const PolicyPlan& policy = plan.policies[p];
        for (int layer = first; layer < last; ++layer) {
            for (int unit = 0; unit < policy.units; ++unit) {
                const auto parts = walkParts(policy.recipe, plan.lane(layer, unit), plan.prompt, policy.regionSlots(layer, unit));
                if (!parts)
                    continue;
                DeviceWalk& walk = walks[{parts->scorer.type, parts->selector.type}];
                if (walk.lanes.empty())
                    walk.parts = *parts;
                kernel::WalkLane lane = laneOf(plan, policy, layer, unit);
                lane.layer = layer - first;
                const int firstLane = (layer - first) * policy.lanes + unit * policy.lanesPerUnit();
                walk.lanes.push_back({.policy = p,
                                      .layer = layer,
                                      .unit = unit,
                                      .arrayBytes = bytesOf(lane, *parts, headDims[static_cast<std::size_t>(layer)]),
                                      .firstCell = static_cast<std::size_t>(firstLane) * static_cast<std::size_t>(plan.tokens)});
                walk.onDevice.push_back(lane);
                walk.scorers.insert(walk.scorers.end(), parts->scorer.state.begin(), parts->scorer.state.end());
                walk.selectors.insert(walk.selectors.end(), parts->selector.state.begin(), parts->selector.state.end());
            }
        }
    }
    std::vector<DeviceWalk> list;
    for (auto& [types, walk] : walks)
        list.push_back(std::move(walk));
    return list;
}

} // namespace winnow
