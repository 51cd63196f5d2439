// SPDX-License-Identifier: GPL-3.0-or-later
// The live slots of batched units, for the replay on tensors: the positions that each slot holds. The engine owns it; policies
// only name victims.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace winnow {

/// Guards: positions ascend in every row, padding (−1) only at the end, lengths agree. Not thread-safe; on one device.
class CacheState {
public:
    CacheState(int units, at::Device device);

    /// int64 [units, width()], padding −1; width() is the longest unit's length.
    const at::Tensor& positions() const { return m_positions; }
    at::Tensor live() const { return m_positions >= 0; }
    /// int64 [units]
    const at::Tensor& lengths() const { return m_lengths; }
    int width() const { return static_cast<int>(m_positions.size(1)); }

    /// A new slot at the end of every unit.
    void append(int position);
    /// Removes every slot where `leaving` (bool [units, width]; padding may hold anything), and compacts `states` ([units, ≤
    /// width] per-slot numbers, those that are defined) alike. Cost: one sort and a gather of [units, width] per array.
    void remove(const at::Tensor& leaving, const std::vector<at::Tensor*>& states);

private:
    at::Tensor m_positions, m_lengths;
};

} // namespace winnow
