// SPDX-License-Identifier: GPL-3.0-or-later
// Which color each policy of a result has, and which are dotted: a run has the color of its replay.
#pragma once

#include "core/replay/replay_result.h"

#include <vector>

namespace winnow {

struct PolicyInk {
    int color = 0;    ///< number of the policy whose color it is, from 0
    bool run = false; ///< told from a replay of that color by its dots
    friend bool operator==(const PolicyInk&, const PolicyInk&) = default;
};

/// Per policy: its own number, of a run that of the first replay with the same spec, where there is one.
std::vector<PolicyInk> policyInks(const ReplayResult& replay);

} // namespace winnow
