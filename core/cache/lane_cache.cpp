// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cache/lane_cache.h"

#include "core/base/check.h"
#include "core/cache/erase_slots.h"

#include <numeric>

namespace winnow {

void LaneCache::append(std::int32_t token)
{
    WINNOW_CHECK(m_tokens.empty() || token > m_tokens.back(), "token {} comes after token {}", token, m_tokens.back());
    m_tokens.push_back(token);
    if (m_renumbered)
        m_positions.push_back(m_nextPosition++);
    if (merged())
        m_counts.push_back(1);
}

std::optional<int> LaneCache::hiddenAfter(int step, int reach) const
{
    if (reach <= 0 || m_tokens.empty() || m_tokens.front() != step - reach + 1)
        return std::nullopt;
    return 0;
}

void LaneCache::leaveWindow(int slot) { erase(std::span(&slot, 1)); }

std::span<const std::int32_t> LaneCache::evict(std::span<const int> victims, std::span<const Merge> merges)
{
    for (const Merge& merge : merges) {
        WINNOW_CHECK(merge.from >= 0 && merge.into >= 0 && merge.count > 0 && static_cast<std::size_t>(merge.from) < size() &&
                         static_cast<std::size_t>(merge.into + merge.count) <= size(),
                     "slot {} cannot go into {} slots from {} of {}", merge.from, merge.count, merge.into, size());
        if (!merge.addsTokens())
            continue;
        m_counts.resize(size(), 1);
        m_counts[static_cast<std::size_t>(merge.into)] += m_counts[static_cast<std::size_t>(merge.from)];
    }
    m_targets.assign(victims.size(), -1);
    if (!merges.empty()) {
        const std::vector<int> slots = mergeTargets(merges, victims);
        for (std::size_t i = 0; i < slots.size(); ++i)
            m_targets[i] = slots[i] < 0 ? -1 : token(slots[i]);
    }
    erase(victims);
    m_evicted = m_evicted || !victims.empty();
    return m_targets;
}

void LaneCache::renumber()
{
    WINNOW_CHECK(m_mode == PositionMode::Once, "only PositionMode::Once renumbers slots");
    m_renumbered = true;
    m_positions.resize(size());
    std::iota(m_positions.begin(), m_positions.end(), 0);
    m_nextPosition = static_cast<int>(size());
}

void LaneCache::erase(std::span<const int> victims)
{
    WINNOW_CHECK(victims.empty() || (victims.front() >= 0 && static_cast<std::size_t>(victims.back()) < size()),
                 "slots {} to {} of {}", victims.front(), victims.back(), size());
    eraseSlots(m_tokens, victims);
    if (m_renumbered)
        eraseSlots(m_positions, victims);
    if (merged())
        eraseSlots(m_counts, victims);
}

} // namespace winnow
