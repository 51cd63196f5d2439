// SPDX-License-Identifier: GPL-3.0-or-later
// The end of the prompt, before any step is walked: budgets that depend on the prompt's scores, and the choices of policies that
// act there. Nothing has left by then, so that everything follows from the recording alone.
#pragma once

#include "core/replay/replay_plan.h"

namespace winnow {

/// Fills `slots`, `budgets` and `decision` of every policy of the plan whose recipe has a prompt scorer. One pass over the
/// layers; what several policies need of a layer is computed once. `device`: "cpu", "cuda", "cuda:n". Memory: one layer's rows
/// and scores.
Result<void> decidePrompts(const Trace& trace, ReplayPlan& plan, const std::string& device, const JobContext& job);

/// Fills `foreseen` of every policy whose recipe foresees: one more pass over the layers, over all rows.
Result<void> foresee(const Trace& trace, ReplayPlan& plan, const std::string& device, const JobContext& job);

} // namespace winnow
