// SPDX-License-Identifier: GPL-3.0-or-later
// The GPU engine: all lanes of as many layers as the GPU's memory holds walk side by side, tile after tile of steps, and nothing
// is waited for but the end. Policies with host parts are left to the CPU engine.
#pragma once

#include "core/device/gpu.h"
#include "core/replay/cpu_replay.h"

namespace winnow {

/// Fills what the GPU can walk of `results` (emptyResults(plan)) and sets PolicyPlan::walkedLayers to the layers done. A launch
/// walks `tile` steps. Layers
/// that were done when an error came stay so: the CPU engine can go on with the rest. Errors: reading the trace, cancelled,
/// OutOfMemory where not even one layer fits the GPU, Io where it is lost.
Result<void> replayOnDevice(Gpu& gpu, const Trace& trace, ReplayPlan& plan, int tile, std::vector<PolicyReplay>& results,
                            const Advanced& advanced, const JobContext& job);

} // namespace winnow
