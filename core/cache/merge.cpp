// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/merge.h"

#include <algorithm>

namespace winnow {

std::vector<int> mergeTargets(std::span<const Merge> merges, std::span<const int> victims)
{
    std::vector<int> targets(victims.size(), -1);
    for (const Merge& merge : merges) {
        const auto victim = std::lower_bound(victims.begin(), victims.end(), merge.from);
        if (victim == victims.end() || *victim != merge.from)
            continue;
        int& target = targets[static_cast<std::size_t>(victim - victims.begin())];
        for (int slot = merge.into; target < 0 && slot < merge.into + merge.count; ++slot)
            if (!std::binary_search(victims.begin(), victims.end(), slot))
                target = slot;
    }
    return targets;
}

} // namespace winnow
