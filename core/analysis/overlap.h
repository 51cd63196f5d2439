// SPDX-License-Identifier: GPL-3.0-or-later
// Where two policies part, and how much of what they store is the same, over chosen lanes and steps. Open loop, as all of a
// replay. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/difference.h"
#include "core/analysis/means.h"

#include <optional>

namespace winnow {

/// |A ∩ B| / |A ∪ B| of the tokens stored after a step (of selections: of what the step read), mean over the pairs and over
/// `steps`; 1 where neither stores anything. Cost: pairs × (T + steps); with a selection pairs × steps × T queries. Asks `job`
/// once per pair. Errors: cancelled.
Result<double> meanOverlap(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, StepSpan steps,
                           const JobContext& job = {});

/// The tokens at which the two policies part at `step`, in any of the pairs: one policy evicts the token at the end of the step
/// (or never stores it), and the other does not at the same step. Ascending, of the tokens begin … end − 1. Cost: pairs × tokens
/// reads.
std::vector<int> divergingTokens(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                 int begin, int end);

/// The next (`direction` > 0) or the previous divergence: the nearest step after, or before, `step` that has diverging tokens and
/// that both replays have come to. Nothing where there is none. Cost: pairs × T reads; with a selection as much for every step
/// that is looked at. Asks `job` once per pair or step; nothing when it is asked to stop.
std::optional<int> nextDivergence(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                  int direction, const JobContext& job = {});

} // namespace winnow
