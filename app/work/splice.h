// SPDX-License-Identifier: GPL-3.0-or-later
// Editing a policy replays that policy only: which results can stay, which are missing, and how the new ones are put in their
// place. Pure functions on finished results; no Qt.
#pragma once

#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <memory>
#include <span>
#include <vector>

namespace winnow::app {

enum class Place {
    Ready, ///< the result of this very spec
    Stale, ///< shows the picture of an older spec until the new one is there
    Blank, ///< nothing to show yet: all steps still to be computed
};

struct ReplayPlan {
    std::shared_ptr<const ReplayResult> shown; ///< a policy per spec, in the order of the specs
    std::vector<Place> places;                 ///< per policy
    std::vector<int> missing() const;          ///< the policies that are not ready, ascending
};

/// `old` may be null; it is used only where tokens and prompt agree. Of a policy that has not come to its end the steps that it
/// has stay. Costs no copy of lifetimes.
ReplayPlan planReplay(const TraceInfo& info, const std::shared_ptr<const ReplayResult>& old, std::span<const PolicySpec> specs,
                      int prompt);

/// `shown` with policy number missing[k] replaced by policy number k of `fresh`; the rest of `fresh` (manifest, bytes) wins too.
/// A policy of `fresh` that has not come to its end replaces a blank one only, and none of more steps: an edited panel keeps its
/// old picture.
std::shared_ptr<const ReplayResult> splice(const ReplayPlan& plan, std::span<const int> missing, const ReplayResult& fresh);

/// `replay` with all steps of its prompt that were read, as every policy has them: nothing leaves before the prompt's end, and
/// attention is whole. Policies that have more steps stay. Copies what changes.
std::shared_ptr<const ReplayResult> withPrompt(const ReplayResult& replay, int tokensRead);

} // namespace winnow::app
