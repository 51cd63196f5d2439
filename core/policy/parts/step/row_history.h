// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a ring of rows (core/policy/kernels/row_ring.h) on the host: grows as rows come and as lanes grow.
#pragma once

#include "core/policy/kernels/row_ring.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace winnow {

template <class T>
class RowHistory {
public:
    /// Makes room for one more row of `count` entries in `ring`, which this then owns the arrays of. `most`: rows that it may
    /// hold.
    void makeRoom(kernel::RowRing<T>& ring, int most, int count)
    {
        const int rows = ring.held < ring.rows ? ring.rows : std::min(most, std::max(4, 2 * ring.rows));
        if (rows == ring.rows && count <= ring.stride)
            return;
        const int stride = count <= ring.stride ? ring.stride : count + count / 2;
        std::vector<T> cells(static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride));
        std::vector<int> lengths(static_cast<std::size_t>(rows));
        for (int age = 0; age < ring.held; ++age) {
            lengths[static_cast<std::size_t>(age)] = ring.length(age);
            std::copy_n(ring.row(age), ring.length(age), cells.data() + static_cast<std::ptrdiff_t>(age) * stride);
        }
        m_cells.swap(cells);
        m_lengths.swap(lengths);
        ring = {.cells = m_cells.data(), .lengths = m_lengths.data(), .rows = rows, .stride = stride, .held = ring.held};
    }

private:
    std::vector<T> m_cells;
    std::vector<int> m_lengths;
};

} // namespace winnow
