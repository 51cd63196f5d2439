// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: a ring buffer of the newest attention rows. A row has one entry per slot that the lane held at its step.
#pragma once

#include "core/policy/kernels/parts.h"

namespace winnow::kernel {

template <class T>
struct RowRing {
    T* cells = nullptr;     ///< [rows, stride]
    int* lengths = nullptr; ///< [rows]
    int rows = 0, stride = 0;
    int first = 0, held = 0; ///< where the oldest row lies, and how many there are

    int place(int age) const { return (first + age) % rows; } ///< age 0 = the oldest
    T* row(int age) const { return cells + static_cast<long long>(place(age)) * stride; }
    int length(int age) const { return lengths[place(age)]; }
    void dropOldest()
    {
        first = (first + 1) % rows;
        --held;
    }
};

/// Room for `rows` rows of `slots` entries at most.
template <class T>
void place(Arrays& arrays, RowRing<T>& ring, int rows, int slots)
{
    ring.cells = arrays.take<T>(static_cast<long long>(rows) * slots);
    ring.lengths = arrays.take<int>(rows);
    ring.rows = rows;
    ring.stride = slots;
}

/// Room for a new row of `count` entries, at most `stride`, behind the newest. There must be fewer rows than `rows`.
template <class Team, class T>
T* append(const Team& team, RowRing<T>& ring, int count)
{
    const int age = ring.held++;
    team.alone([&] { ring.lengths[ring.place(age)] = count; });
    return ring.row(age);
}

/// The slots `gone` (ascending) have left. Older rows do not know the newest slots.
template <class Team, class T>
void erase(const Team& team, const RowRing<T>& ring, const int* gone, int count)
{
    for (int age = 0; age < ring.held; ++age) {
        const int length = ring.length(age), leaving = known(gone, count, length);
        team.erase(ring.row(age), length, gone, leaving);
        team.alone([&] { ring.lengths[ring.place(age)] = length - leaving; });
    }
}

} // namespace winnow::kernel
