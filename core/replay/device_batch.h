// SPDX-License-Identifier: GPL-3.0-or-later
// Layers that a GPU walks together.
#pragma once

#include "core/device/gpu.h"
#include "core/replay/device_lanes.h"
#include "core/replay/device_memory.h"
#include "core/replay/device_plan.h"

#include <mutex>
#include <optional>

namespace winnow {

/// The layers [first, last) of a plan on a GPU, with all that their walks need. What is passed in must outlive it. The thread of
/// the GPU.
class DeviceBatch {
public:
    DeviceBatch(Gpu& gpu, const Trace& trace, const ReplayPlan& plan, const DevicePlan& device,
                std::vector<PolicyReplay>& results, int first, int last)
        : m_gpu(gpu), m_trace(trace), m_plan(plan), m_device(device), m_results(results), m_first(first), m_last(last)
    {
    }

    int first() const { return m_first; }
    int last() const { return m_last; }

    /// Uploads one more layer, and after the last one what the walks and the oracle need. OutOfMemory where the GPU holds no
    /// more.
    Result<void> loadMore();
    bool isLoaded() const { return m_isLoaded; }
    /// Once it is loaded: asks for the steps [begin, end) of all lanes, or for the oracle's masses where they are wanted.
    Result<void> launch(int begin, int end);
    Result<void> launchOracle();
    /// Waits for what was launched, checks what the lanes say, and puts their results where those of the CPU engine go. Where
    /// that fails, no result of the batch is there. `common`: guards what batches of other GPUs write too.
    Result<void> collect(std::mutex& common);

private:
    /// The lanes of one kernel.
    struct Walk {
        DeviceWalk walk;
        int program = 0;
        GpuMemory lanes, scorers, selectors, arrays, leaving;
        kernel::Walk argument;
    };
    /// The oracle for policies with equally many lanes.
    struct Oracle {
        int program = 0, blocks = 0;
        GpuMemory results, tokens, rows, means;
        kernel::Oracle argument;
    };

    kernel::Shape shape() const { return {m_plan.tokens, m_plan.prompt, m_plan.queryHeads, m_plan.keyHeads}; }
    const PolicyPlan& policyOf(const DeviceLane& lane) const { return m_plan.policies[lane.policy]; }
    Result<void> addWalk(DeviceWalk walk);
    Result<void> addOracle(int lanes);
    void checkLane(const DeviceLane& lane, const kernel::WalkLane& walked) const;
    void finish(const DeviceLane& lane, const kernel::LaneState& state);

    Gpu& m_gpu;
    const Trace& m_trace;
    const ReplayPlan& m_plan;
    const DevicePlan& m_device;
    std::vector<PolicyReplay>& m_results;
    int m_first, m_last;
    bool m_isLoaded = false;
    std::vector<ResidentLayer> m_rows; ///< of the layers uploaded so far
    GpuMemory m_layers;
    std::vector<std::optional<ResidentResults>> m_resident; ///< of the policies that walk here
    std::vector<Walk> m_walks;
    std::vector<Oracle> m_oracles;
};

} // namespace winnow
