// SPDX-License-Identifier: GPL-3.0-or-later
// Maps the Selection's lanes to a policy's lanes, for every view that reads lifetimes or metrics.
#pragma once

#include "core/analysis/difference.h"
#include "core/analysis/kept_share.h"
#include "core/analysis/means.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"

#include <QString>

#include <string_view>

#include <vector>

namespace winnow::views {

/// KV heads per layer: from the recording's layers, else the fewest lanes that any policy has.
int kvHeadCount(const ViewData& data);
/// Sliding window of every replayed layer; empty without a recording.
std::vector<int> layerWindows(const ViewData& data);
/// Indices and sliding windows of the chosen lanes in policy number `policy`.
LaneChoice lanesOf(const ViewData& data, const SelectionState& state, int policy);
/// The chosen lanes of two policies that hold the same KV head.
LanePairs pairsOf(const ViewData& data, const SelectionState& state, int policy, int reference);
/// The `lanes` that exist in the data; all of them while no layers are known.
std::vector<Lane> lanesThere(const ViewData& data, const std::vector<Lane>& lanes);
/// Numbers of the policies that are not hidden, ascending.
std::vector<int> visiblePolicies(const ViewData& data, const Selection& selection);
/// The steps that means run over now (see core/analysis/means.h).
StepSpan meanSteps(const ViewData& data, const Selection& selection);
/// The catalog's title of the policy ("TreeKV"), or its name where the catalog does not know it.
QString policyTitle(const PolicyReplay& policy);
/// A token's text for labels: white space made visible, at most `most` characters; "#17" where there is no text.
QString tokenLabel(std::string_view text, int token, int most = 12);
QString tokenLabel(const ViewData& data, int token, int most = 12);

} // namespace winnow::views
