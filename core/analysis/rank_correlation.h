// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two measures order the same things alike. Plain numbers, any thread.
#pragma once

#include "core/replay/replay_result.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs. Nothing for fewer than three
/// pairs, or where one side is all equal. Both of one length.
std::optional<double> rankCorrelation(std::span<const double> a, std::span<const double> b);

/// How well metrics of replays (open loop) order policies by their loss in runs (closed loop) of the same text, as rank
/// correlations.
struct Foretelling {
    std::size_t policies = 0; ///< policies that both hold with the same parameters, without those that evict nothing
    /// Of less mass, more error, more regret with more loss: 1 = the replay orders them as the run does.
    std::optional<double> mass, error, regret;
};

/// Over all policies, budgets included, that one of `runs` and one of `replays` hold alike; all of the same text and prompt.
/// Means of mass, error and regret over all lanes and the steps that the comparison of these policies takes (meanSteps).
Foretelling foretelling(std::span<const std::shared_ptr<const ReplayResult>> runs,
                        std::span<const std::shared_ptr<const ReplayResult>> replays);

} // namespace winnow
