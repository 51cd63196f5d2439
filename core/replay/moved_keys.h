// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of one lane's slots at positions that differ from the recorded ones (PositionMode::Reassign and Once). A key is rotated
// again whenever its slot's position changes.
#pragma once

#include "core/cache/lane_cache.h"
#include "core/replay/attention_block.h"

#include <vector>

namespace winnow {

/// Not thread-safe.
class MovedKeys {
public:
    MovedKeys(int firstKeyHead, int keyHeads) : m_firstKeyHead(firstKeyHead), m_keyHeads(keyHeads) {}

    /// Rotates the keys of the slots from `slot` on to the positions that `cache` says. `capacity`: slots to make room for, when
    /// room is made. Cost: slots · d.
    void rotateFrom(const LayerKeys& keys, const LaneCache& cache, std::size_t slot, std::size_t capacity);
    /// `keyHead` among the lane's: [slots, d].
    const float* keys(int keyHead) const { return &m_keys[static_cast<std::size_t>(keyHead) * m_slots * m_d]; }

private:
    int m_firstKeyHead, m_keyHeads;
    std::size_t m_d = 0, m_slots = 0; ///< room for so many
    std::vector<float> m_keys;        ///< [KV heads of the lane][m_slots, d]
};

} // namespace winnow
