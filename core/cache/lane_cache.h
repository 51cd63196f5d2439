// SPDX-License-Identifier: GPL-3.0-or-later
// The live slots of one lane: which tokens it holds, where the rotary embedding has them, and which tokens went into which. The
// only owner of such a list: policies name victims, places (a replay, the cache of a running model) append and apply.
#pragma once

#include "core/cache/merge.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace winnow {

/// What happens to rotary positions. Keep: a key keeps its token's position. Reassign: once a policy has evicted something, a
/// key's position is its slot number, at every step. Once: if something was evicted at the end of the prompt, keys are renumbered
/// by slot there; later tokens continue from the last number, and later evictions leave gaps.
enum class PositionMode { Keep, Reassign, Once };

/// Guards: tokens ascend, and a token that has left never comes back. Slots are numbered from 0 in that order. Bookkeeping only:
/// it holds no keys and no values, and makes no choice. Not thread-safe. Spans are valid until the next call that changes the
/// cache.
class LaneCache {
public:
    explicit LaneCache(PositionMode mode) : m_mode(mode) {}

    std::size_t size() const { return m_tokens.size(); }
    std::span<const std::int32_t> tokens() const { return m_tokens; }
    std::int32_t token(int slot) const { return m_tokens[static_cast<std::size_t>(slot)]; }

    /// A new slot at the end. `token` must be newer than all before it.
    void append(std::int32_t token);

    /// The slot that a sliding window of `reach` tokens hides from the step after `step`; nothing where the cache does not hold
    /// that token, or where there is no window (`reach` 0).
    std::optional<int> hiddenAfter(int step, int reach) const;
    /// Removes `slot`, which the sliding window hides. This is no eviction: no later step could attend to it.
    void leaveWindow(int slot);

    /// A policy's decision: `merges` are applied in their order, then `victims` (ascending slots) leave. Returns for every victim
    /// the token that it is counted with from now on, or −1 where it was dropped. Valid until the next call.
    std::span<const std::int32_t> evict(std::span<const int> victims, std::span<const Merge> merges);
    /// Whether a policy has evicted something.
    bool evicted() const { return m_evicted; }

    /// PositionMode::Once: the slots get the positions 0, 1, …; the next token gets the position behind them.
    void renumber();
    /// Whether slots lie at other rotary positions than their tokens had.
    bool moved() const { return m_mode == PositionMode::Once ? m_renumbered : m_mode == PositionMode::Reassign && m_evicted; }
    /// The rotary position of `slot`.
    int position(int slot) const
    {
        return !moved() ? token(slot) : m_renumbered ? m_positions[static_cast<std::size_t>(slot)] : slot;
    }

    /// Whether tokens of slots that left are counted with slots that stayed.
    bool merged() const { return !m_counts.empty(); }
    /// How many tokens `slot` stands for, itself included.
    int tokensIn(int slot) const { return merged() ? m_counts[static_cast<std::size_t>(slot)] : 1; }

private:
    void erase(std::span<const int> victims);

    PositionMode m_mode;
    bool m_evicted = false, m_renumbered = false;
    std::vector<std::int32_t> m_tokens;
    std::vector<int> m_positions; ///< of the slots, once they are renumbered
    int m_nextPosition = 0;       ///< of the token to come, likewise
    std::vector<int> m_counts;    ///< tokens per slot, once something was merged
    std::vector<std::int32_t> m_targets;
};

} // namespace winnow
