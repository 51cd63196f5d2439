// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/device_plan.h"

#include "core/io/disk.h"
#include "core/replay/device_columns.h"
#include "core/replay/device_lanes.h"
#include "core/replay/device_memory.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

constexpr double kShare = 0.9; ///< of a GPU's free memory

std::uint64_t bytesOfLayer(const LayerInfo& info, const ReplayPlan& plan, const DevicePlan& device, int layer, bool oracle)
{
    const auto tokens = static_cast<std::uint64_t>(plan.tokens);
    std::uint64_t bytes = ResidentLayer::bytes(info, plan.tokens, device.moves);
    bool byQueryHeads = false, byKeyHeads = false;
    for (const DeviceWalk& walk : deviceWalks(plan, device.headDims, layer, layer + 1))
        for (const DeviceLane& lane : walk.lanes) {
            const PolicyPlan& policy = plan.policies[lane.policy];
            const std::uint64_t numbers = 6 + (oracle ? 1 : 0); // kernel::WalkResults
            bytes += lane.arrayBytes + static_cast<std::uint64_t>(policy.lanesPerUnit()) * tokens * numbers * sizeof(float);
            (policy.lanes == plan.keyHeads ? byKeyHeads : byQueryHeads) = true;
        }
    if (oracle) {
        const int lanes = (byKeyHeads ? plan.keyHeads : 0) + (byQueryHeads ? plan.queryHeads : 0);
        bytes += static_cast<std::uint64_t>(kOracleStripes * lanes) * tokens * (sizeof(float) + sizeof(double));
    }
    return bytes;
}

/// The most tokens among which somebody may want to know who received how much attention.
int columnTokens(const ReplayPlan& plan)
{
    int tokens = 0;
    for (const PolicyPlan& policy : plan.policies)
        tokens = std::max({tokens, policy.recipe.promptScorer ? plan.prompt : 0, policy.recipe.foresees ? plan.tokens : 0});
    return tokens;
}

} // namespace

bool canWalkOnGpu(const ReplayPlan& plan)
{
    return std::any_of(plan.policies.begin(), plan.policies.end(),
                       [](const PolicyPlan& policy) { return whyOnHost(policy.recipe).empty(); });
}

DevicePlan devicePlan(const TraceInfo& info, const ReplayPlan& plan, bool oracle)
{
    DevicePlan device;
    device.moves = std::any_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) {
        return whyOnHost(policy.recipe).empty() && policy.recipe.positions != PositionMode::Keep &&
               policy.recipe.acts != Acts::Never;
    });
    const auto infoOf = [&](int index) -> const LayerInfo& { return info.layerInfo[static_cast<std::size_t>(index)]; };
    for (const int index : plan.layerIndices)
        device.headDims.push_back(infoOf(index).headDim);
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer)
        device.layerBytes.push_back(
            bytesOfLayer(infoOf(plan.layerIndices[layer]), plan, device, static_cast<int>(layer), oracle));
    const int tokens = columnTokens(plan);
    for (const int index : plan.layerIndices)
        device.promptBytes = std::max(device.promptBytes, tokens > 0 ? ReceivedByGpu::bytes(infoOf(index), tokens) : 0);
    return device;
}

int DeviceShare::endOf(const DevicePlan& plan, int first, int end) const
{
    std::uint64_t held = 0;
    int last = first;
    while (last < std::min(end, first + most)) {
        held += plan.layerBytes[static_cast<std::size_t>(last)];
        if (last > first && held > room)
            break;
        ++last;
    }
    return last;
}

DeviceShare shareOf(const DevicePlan& plan, std::uint64_t freeBytes, int gpus)
{
    const int layers = static_cast<int>(plan.layerBytes.size());
    DeviceShare share{.room = static_cast<std::uint64_t>(kShare * static_cast<double>(freeBytes)),
                      .most = (layers + gpus - 1) / gpus};
    for (int first = 0; first < layers; first += share.most)
        share.overlaps = share.overlaps || share.endOf(plan, first, layers) < std::min(layers, first + share.most);
    if (share.overlaps)
        share.room /= 2;
    return share;
}

DeviceLoad largestLoad(const DevicePlan& plan, const DeviceShare& share)
{
    const int layers = static_cast<int>(plan.layerBytes.size());
    DeviceLoad load;
    for (int first = 0, last = 0; first < layers; first = last) {
        last = share.endOf(plan, first, layers);
        load.layers = std::max(load.layers, last - first);
        load.bytes = std::max(load.bytes,
                              std::accumulate(plan.layerBytes.begin() + first, plan.layerBytes.begin() + last, std::uint64_t{0}));
    }
    load.bytes = std::max(share.overlaps ? 2 * load.bytes : load.bytes, plan.promptBytes);
    return load;
}

std::string deviceMemoryText(const DevicePlan& plan, const std::vector<std::shared_ptr<Gpu>>& gpus)
{
    const int layers = static_cast<int>(plan.layerBytes.size());
    std::vector<std::string> texts;
    for (const auto& gpu : gpus) {
        const std::uint64_t free = gpu->freeBytes();
        const DeviceLoad load = largestLoad(plan, shareOf(plan, free, static_cast<int>(gpus.size())));
        texts.push_back(fmt::format("{} of {} free on {}, {}", sizeText(load.bytes), sizeText(free), gpu->name(),
                                    load.layers == layers ? "all layers at once"
                                                          : fmt::format("{} of {} layers at a time", load.layers, layers)));
    }
    return fmt::format("{}", fmt::join(texts, "; "));
}

} // namespace winnow
