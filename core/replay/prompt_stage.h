// SPDX-License-Identifier: GPL-3.0-or-later
// Decisions at the end of the prompt, made before any step is walked: budgets that depend on the prompt's scores, and the choices
// of prompt-time policies. Nothing has been evicted by then, so they follow from the recording alone.
#pragma once

#include "core/replay/replay_plan.h"

namespace winnow {

/// Fills `slots`, `budgets` and `decision` of every policy of the plan whose recipe has a prompt scorer. One pass over the
/// layers; what several policies need of a layer is computed once. `device`: "cpu", "cuda", "cuda:n". Memory: one layer's rows
/// and scores.
Result<void> decidePrompts(const Trace& trace, ReplayPlan& plan, const std::string& device, const JobContext& job);

/// Fills `foreseen` of every policy whose recipe has `foresees` set. Cost: one more pass over all rows of all layers. Errors of
/// both functions: reading the trace, cancelled.
Result<void> foresee(const Trace& trace, ReplayPlan& plan, const std::string& device, const JobContext& job);

} // namespace winnow
