// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes of a plan as a GPU walks them (core/device/kernels/walk_layout.h). Free of Torch.
#pragma once

#include "core/device/kernel_text.h"
#include "core/device/kernels/walk_layout.h"
#include "core/replay/replay_plan.h"

#include <vector>

namespace winnow {

/// Whose lane it is, and what it needs.
struct DeviceLane {
    std::size_t policy = 0;
    int layer = 0, unit = 0;    ///< of the plan
    std::size_t arrayBytes = 0; ///< that its arrays take
    std::size_t firstCell = 0;  ///< of its results, among those of the policy and the walk's layers
};

/// Lanes that one kernel walks: their scorers are of one type, and so are their selectors.
struct DeviceWalk {
    WalkParts parts; ///< of the first lane
    std::vector<DeviceLane> lanes;
    std::vector<kernel::WalkLane> onDevice;    ///< the same lanes as the GPU sees them; all pointers still null
    std::vector<std::byte> scorers, selectors; ///< states, one after the other
};

/// The walks of the layers [first, last) of a plan, under all policies that a GPU can walk. `headDim` of each layer of the plan.
std::vector<DeviceWalk> deviceWalks(const ReplayPlan& plan, const std::vector<int>& headDims, int first, int last);

} // namespace winnow
