// SPDX-License-Identifier: GPL-3.0-or-later
// The slots that a policy was asked to store beside those that it stored, as files, figures and tables tell them. A policy of the
// prompt's end only appends after its choice, so that it stores more than its budget.
#pragma once

#include "core/replay/replay_result.h"

namespace winnow {

/// What a policy was asked to store, and what it stored.
struct StoredSlots {
    int asked = 0;           ///< slots of a lane: the budget
    double mean = 0;         ///< slots stored per lane, mean over all lanes and the computed steps from the prompt's end on
    std::uint64_t bytes = 0; ///< of the slots of all lanes after the last computed step
    int from = 0;            ///< the step at which the mean begins
};
/// Nothing where no step is computed.
std::optional<StoredSlots> storedSlots(const ReplayResult& result, const PolicyReplay& policy);
/// "128 slots asked for; 896.5 stored per lane, mean over the steps from 512 on; 6815744 bytes after the last step"
std::string storedText(const StoredSlots& stored);

} // namespace winnow
