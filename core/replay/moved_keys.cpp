// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/moved_keys.h"

#include <algorithm>

namespace winnow {

void MovedKeys::rotateFrom(const LayerKeys& keys, const LaneCache& cache, std::size_t slot, std::size_t capacity)
{
    m_d = static_cast<std::size_t>(keys.info.headDim);
    const std::size_t slots = cache.size();
    if (slots > m_slots) {
        m_slots = std::max(slots, capacity) + static_cast<std::size_t>(keys.tokens) / 8 + 1;
        m_keys.resize(static_cast<std::size_t>(m_keyHeads) * m_slots * m_d);
        slot = 0;
    }
    for (int head = 0; head < m_keyHeads; ++head) {
        for (std::size_t i = slot; i < slots; ++i) {
            float* to = &m_keys[(static_cast<std::size_t>(head) * m_slots + i) * m_d];
            std::copy_n(keys.plainKey(m_firstKeyHead + head, cache.token(static_cast<int>(i))), m_d, to);
            rotateRow(keys.info.layout, *keys.table, cache.position(static_cast<int>(i)), to);
        }
    }
}

} // namespace winnow
