// SPDX-License-Identifier: GPL-3.0-or-later
// A hash table from two numbers to a value by open addressing: half of the time of encoding goes into such look-ups.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace winnow {

/// Keys are pairs of numbers from 0; entries are never removed.
template <class Value>
class PairTable {
public:
    void insert(std::int32_t first, std::int32_t second, Value value)
    {
        if ((m_count + 1) * 2 > m_slots.size())
            grow();
        Slot& slot = m_slots[slotOf(key(first, second))];
        m_count += slot.key == kEmpty;
        slot = {key(first, second), value};
    }
    /// Null when there is none; valid until the next insert.
    const Value* find(std::int32_t first, std::int32_t second) const
    {
        const Slot& slot = m_slots[slotOf(key(first, second))];
        return slot.key == kEmpty ? nullptr : &slot.value;
    }

private:
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
    struct Slot {
        std::uint64_t key = kEmpty;
        Value value{};
    };
    static std::uint64_t key(std::int32_t first, std::int32_t second)
    {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(first)) << 32 | static_cast<std::uint32_t>(second);
    }
    std::size_t slotOf(std::uint64_t key) const
    {
        // The highest bits of the product depend on all bits of both numbers.
        std::size_t slot = key * 0x9E3779B97F4A7C15ULL >> m_shift;
        while (m_slots[slot].key != key && m_slots[slot].key != kEmpty)
            slot = (slot + 1) & (m_slots.size() - 1);
        return slot;
    }
    void grow()
    {
        std::vector<Slot> old(m_slots.size() * 2);
        old.swap(m_slots);
        --m_shift;
        for (const Slot& slot : old)
            if (slot.key != kEmpty)
                m_slots[slotOf(slot.key)] = slot;
    }

    std::vector<Slot> m_slots = std::vector<Slot>(16); // a power of two
    int m_shift = 60;                                  // 64 less its logarithm
    std::size_t m_count = 0;
};

} // namespace winnow
