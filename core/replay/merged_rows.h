// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and values of one lane's slots once slots were merged; they then differ from the recorded ones. The lane cache knows which
// tokens a slot stands for; this class holds the numbers.
#pragma once

#include "core/cache/merge.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace winnow {

/// Guards: as many keys and values in every KV head as slots, in the order of the slots. Not thread-safe.
class MergedRows {
public:
    /// `capacity`: slots to make room for.
    MergedRows(int keyHeads, int headDim, std::size_t capacity);

    std::size_t size() const { return m_slots; }
    /// A new slot at the end. `key` and `value` give the rows [d] of a KV head.
    void append(const std::function<const float*(int keyHead)>& key, const std::function<const float*(int keyHead)>& value);
    void apply(const Merge& merge);
    /// `victims` ascending. Gives memory back where most of it is no longer needed.
    void erase(std::span<const int> victims);

    const float* keys(int keyHead) const { return m_keys[static_cast<std::size_t>(keyHead)].data(); }     ///< [slots, d]
    const float* values(int keyHead) const { return m_values[static_cast<std::size_t>(keyHead)].data(); } ///< [slots, d]
    const float* key(int keyHead, int slot) const { return keys(keyHead) + static_cast<std::size_t>(slot) * m_d; }

private:
    std::size_t m_d, m_slots = 0;
    std::vector<std::vector<float>> m_keys, m_values; ///< [KV heads][slots · d]
};

} // namespace winnow
