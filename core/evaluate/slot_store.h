// SPDX-License-Identifier: GPL-3.0-or-later
// Where the keys and values of one layer's lanes lie in memory. Lanes may differ in length: each has a place of its own in one
// flat array, so that a long one costs the others nothing.
#pragma once

#include "core/cache/merge.h"
#include "core/evaluate/row_buffer.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// Guards: slots of a lane lie one behind the other in chronological order, keys and values alike. What is taken exceeds what is
/// used by a sixteenth of every lane, or one slot, at most, right after `fit`, and after an append beyond the room there was.
/// Numbers are of the type and on the device of `options`. Not thread-safe.
class SlotStore {
public:
    /// `most` [lanes]: slots beyond which a lane takes no room in advance. `bytes` counts what is taken; outlives this.
    SlotStore(const std::vector<int>& most, std::int64_t headDim, const at::TensorOptions& options, BufferBytes& bytes);

    int lanes() const { return static_cast<int>(m_lanes.size()); }
    int size(int lane) const { return static_cast<int>(m_lanes[static_cast<std::size_t>(lane)].slots); }
    /// Room for so many slots in every lane, until the next `fit`.
    void reserve(std::int64_t slots);
    /// Further slots at the end of every lane: [lanes, n, d].
    void append(const at::Tensor& keys, const at::Tensor& values);
    /// `victims`: ascending slots. Costs a move of the slots before the last of them, or behind the first, whichever are fewer.
    void erase(int lane, std::span<const int> victims);
    void merge(int lane, const Merge& merge);
    /// Gives room back that is no longer needed.
    void fit();

    at::Tensor keys(int lane) const { return part(m_keys, lane); } ///< [slots, d], not a copy; valid until the lane changes
    at::Tensor values(int lane) const { return part(m_values, lane); }
    /// The same of all lanes, which must have as many slots each: [lanes, slots, d].
    at::Tensor allKeys() const { return all(m_keys); }
    at::Tensor allValues() const { return all(m_values); }

    std::uint64_t bytes() const { return m_keys.bytes() + m_values.bytes(); } ///< taken
    std::uint64_t bytesInUse() const;                                         ///< by slots

private:
    struct Place {
        std::int64_t offset = 0, room = 0; ///< in rows of the arrays
        std::int64_t begin = 0, slots = 0; ///< within the room
        std::int64_t most = 0;
    };

    std::int64_t wanted(const Place& lane, std::int64_t more) const;
    void makeRoom(std::int64_t more);
    template <class RoomOf>
    void arrange(const RoomOf& roomOf);
    void moveLanes(std::vector<Place> places);
    at::Tensor part(const RowBuffer& rows, int lane) const;
    at::Tensor all(const RowBuffer& rows) const;
    std::array<RowBuffer*, 2> buffers() { return {&m_keys, &m_values}; }

    std::int64_t m_headDim;
    RowBuffer m_keys, m_values; ///< [rows, d]
    std::vector<Place> m_lanes;
};

} // namespace winnow
