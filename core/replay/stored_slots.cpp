// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/stored_slots.h"

#include <algorithm>

namespace winnow {

std::optional<StoredSlots> storedSlots(const ReplayResult& result, const PolicyReplay& policy)
{
    const int end = std::min(policy.tokens, policy.stepsDone);
    if (end <= 0 || policy.occupancy.empty() || result.slotBytes.size() < static_cast<std::size_t>(policy.layers))
        return std::nullopt;
    const int from = std::min(result.prompt, end - 1);
    return StoredSlots{.asked = policy.budget,
                       .mean = meanStored(policy, from, end),
                       .bytes = cacheBytes(result, policy, Step(end - 1)).logical,
                       .from = from};
}

std::string storedText(const StoredSlots& stored)
{
    return fmt::format("{} slots asked for; {:.1f} stored per lane, mean over the steps from {} on; {} bytes after the last step",
                       stored.asked, stored.mean, stored.from, stored.bytes);
}

} // namespace winnow
