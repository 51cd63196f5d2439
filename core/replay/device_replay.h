// SPDX-License-Identifier: GPL-3.0-or-later
// The GPU engine: all lanes of as many layers as a GPU's memory holds walk side by side, tile after tile of steps, while the next
// layers are brought up. Several GPUs share the layers. Policies with host parts are left to the CPU engine.
#pragma once

#include "core/device/gpu.h"
#include "core/replay/cpu_replay.h"
#include "core/replay/device_plan.h"

namespace winnow {

/// What became of a replay on GPUs.
struct DeviceOutcome {
    std::vector<std::string> workers; ///< names of the GPUs that finished layers
    std::vector<std::string> notes;   ///< sentences: whose memory ran out, who failed
    double seconds = 0;         ///< of the GPU that walked longest: without bringing up its first layers and fetching results
    std::optional<Error> error; ///< why layers are left; nothing where all are done
};

/// Fills what GPUs can walk of `results` (emptyResults(plan)) and sets PolicyPlan::walked to the layers done. A launch walks
/// `tile` steps. Each GPU has a thread, the first the caller's; `advanced` and `job.report` are called by one at a time. What a
/// GPU that fails has not finished, the others take; where none is left, layers that are done stay, and the CPU engine can go on
/// with the rest. Errors: reading the trace, cancelled, OutOfMemory where not even one layer fits a GPU, Io where it is lost.
DeviceOutcome replayOnDevices(const std::vector<std::shared_ptr<Gpu>>& gpus, const Trace& trace, ReplayPlan& plan,
                              const DevicePlan& device, int tile, std::vector<PolicyReplay>& results, const Advanced& advanced,
                              const JobContext& job);

} // namespace winnow
