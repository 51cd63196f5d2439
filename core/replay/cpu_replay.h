// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU engine. The outer loop runs over blocks of query rows, the inner one over layers, so that all lanes advance together.
// All policies share the full attention of a block. Layers that do not fit into memory together are replayed in batches.
#pragma once

#include "core/replay/replay_plan.h"

#include <functional>

namespace winnow {

/// Called between blocks with the number of steps that every lane of every policy has finished, and the share of the work done.
using Advanced = std::function<void(int stepsDone, double fraction)>;

/// Fills `results` (emptyResults(plan)). Errors: reading the trace, cancelled.
Result<void> replayOnCpu(const Trace& trace, const ReplayPlan& plan, const ReplayOptions& options,
                         std::vector<PolicyReplay>& results, const Advanced& advanced, const JobContext& job);

} // namespace winnow
