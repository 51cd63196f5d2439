// SPDX-License-Identifier: GPL-3.0-or-later
// Replays that ask what a budget does: one policy at several budgets, and budgets at which policies store equally many bytes.
// Runs the engine; any thread, no Qt.
#pragma once

#include "core/replay/replay.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace winnow::app {

/// The policy with this many slots. What the budget alone had set (H2O's recent half) follows it.
Result<PolicySpec> withBudget(const PolicySpec& spec, int budget);

/// "32, 64, 25%": slots of each, ascending, each once. Errors: a word that is no budget, none at all, more than `tokens` slots.
Result<std::vector<int>> readBudgets(std::string_view typed, int tokens);

/// Replays `spec` with each budget, one after another; `advanced` is given all that are done after each. Errors: as of replay().
Result<std::shared_ptr<const ReplayResult>> sweepBudgets(const Trace& trace, const PolicySpec& spec, std::span<const int> budgets,
                                                         int prompt,
                                                         const std::function<void(std::shared_ptr<const ReplayResult>)>& advanced,
                                                         const JobContext& job);

/// The policies with budgets at which each stores as many bytes as number `focus`, mean over all lanes and the steps from the
/// prompt's end on, as nearly as whole slots allow. Those without a budget stay. Costs up to eight replays of each policy.
Result<std::vector<PolicySpec>> matchBytes(const Trace& trace, std::span<const PolicySpec> specs, int focus, int prompt,
                                           const JobContext& job);

} // namespace winnow::app
