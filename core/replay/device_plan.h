// SPDX-License-Identifier: GPL-3.0-or-later
// What a replay takes of a GPU's memory, worked out before the work. Free of Torch.
#pragma once

#include "core/device/gpu.h"
#include "core/replay/replay_plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace winnow {

/// Blocks of the top-k oracle for each lane.
inline constexpr int kOracleStripes = 2;

struct DevicePlan {
    bool moves = false;                    ///< whether a policy that a GPU walks moves positions
    std::vector<int> headDims;             ///< of each layer of the plan
    std::vector<std::uint64_t> layerBytes; ///< of each: rows, results, states of its lanes, room for the oracle
    std::uint64_t promptBytes = 0;         ///< that the column sums of one layer take, before the walk; 0 = nobody wants them
};
/// Whether a GPU can walk some policy.
bool canWalkOnGpu(const ReplayPlan& plan);
DevicePlan devicePlan(const TraceInfo& info, const ReplayPlan& plan, bool oracle);

/// How one GPU of several goes through the layers of a plan.
struct DeviceShare {
    std::uint64_t room = 0; ///< bytes for the layers that are walked together
    int most = 0;           ///< such layers: an even part of all
    bool overlaps = false;  ///< whether the next layers are brought up meanwhile, into as much room again

    /// Of the layers [first, end) as many as it takes together, at least one; their end.
    int endOf(const DevicePlan& plan, int first, int end) const;
};
/// Its part of the layers at once where they fit into `freeBytes`, else so many that two batches do.
DeviceShare shareOf(const DevicePlan& plan, std::uint64_t freeBytes, int gpus);

/// What a GPU takes at most at a time.
struct DeviceLoad {
    int layers = 0;
    std::uint64_t bytes = 0; ///< of these; where more than that go through, of the layers that are brought up meanwhile, too
};
DeviceLoad largestLoad(const DevicePlan& plan, const DeviceShare& share);

/// "21.3 GB of 139.0 GB free on NVIDIA H200 (cuda:0), 12 of 32 layers at a time" for each GPU; "" where there is none.
std::string deviceMemoryText(const DevicePlan& plan, const std::vector<std::shared_ptr<Gpu>>& gpus);

} // namespace winnow
