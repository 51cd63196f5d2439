// SPDX-License-Identifier: GPL-3.0-or-later
// The plain replay on tensors: one step after another, every part of a recipe as batched tensor operations. It serves CUDA; on
// the CPU, the conformance suite compares the fast engine with it.
#pragma once

#include "core/replay/cpu_replay.h"

#include <string>

namespace winnow {

/// As replayOnCpu, on `device` ("cpu", "cuda", "cuda:1"). Layer by layer and policy by policy.
Result<void> replayOnTensors(const Trace& trace, const ReplayPlan& plan, const ReplayOptions& options, const std::string& device,
                             std::vector<PolicyReplay>& results, const Advanced& advanced, const JobContext& job);

} // namespace winnow
