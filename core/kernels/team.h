// SPDX-License-Identifier: GPL-3.0-or-later
// What kernel text (core/kernels/prelude.h) asks of the team that runs it, and the CPU's team: one worker whose row operations
// are SIMD. On a device a team is a block of threads.
//
// All workers of a team run the text together. Numbers in local variables and in state structs are each worker's own, and equal.
// Arrays are shared: they are written only inside an operation, which begins when all workers have come to it and ends when all
// have finished. The calls of one operation may come in any order and at the same time, and more than once where an operation
// only asks (sum, least, listOf), so no call may read what another writes, and what is asked changes nothing.
#pragma once

#include "core/kernels/serial_team.h"
#include "core/kernels/slot_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace winnow::kernel {

/// Functions that the text has no name for, as the host computes them.
struct HostFunctions {
    static double logarithm(double x) { return std::log(x); }
    static double squareRoot(double x) { return std::sqrt(x); }
    static float exponential(float x) { return std::exp(x); }
    static float hyperbolicTangent(float x) { return std::tanh(x); }
    static double notANumber() { return std::numeric_limits<double>::quiet_NaN(); }
    static double infinity() { return std::numeric_limits<double>::infinity(); }
};

/// The team of one. Has no state; make one wherever it is needed.
class HostTeam : public SerialTeam, public HostFunctions {
public:
    static constexpr int workers() { return 1; }
    /// The smallest value(i) over [begin, end), those that are no numbers left out; infinity where none is left.
    template <class Value>
    double least(int begin, int end, const Value& value) const
    {
        double least = infinity();
        for (int i = begin; i < end; ++i)
            if (const double next = value(i); next < least)
                least = next;
        return least;
    }
    /// The i of [begin, end), not empty, whose value is smallest; what is no number counts as larger than all that are.
    int smallest(const double* values, int begin, int end, Tie tie) const
    {
        const double least = slot_kernels::smallest(values + begin, static_cast<std::size_t>(end - begin));
        if (tie == Tie::First) {
            for (int i = begin; i < end; ++i)
                if (values[i] == least)
                    return i;
        } else {
            for (int i = end - 1; i >= begin; --i)
                if (values[i] == least)
                    return i;
        }
        return tie == Tie::First ? begin : end - 1;
    }
    /// The value that stands at place `k`, from 0, when `count` values ascend. Puts them in another order.
    double kthSmallest(double* values, int count, int k) const
    {
        std::nth_element(values, values + k, values + count);
        return values[k];
    }
    /// Removes the entries at the places `gone` (ascending, `goneCount` of them, all below `count`); the others keep their order.
    template <class T>
    void erase(T* values, int count, const int* gone, int goneCount) const
    {
        if (goneCount == 0)
            return;
        T* to = values + gone[0];
        for (int g = 0; g < goneCount; ++g)
            to = std::copy(values + gone[g] + 1, values + (g + 1 < goneCount ? gone[g + 1] : count), to);
    }

    // Rows. All could be written with forEach; a team may know a faster way.

    /// to[i] = value
    template <class T>
    void fill(T* to, int count, T value) const
    {
        std::fill_n(to, count, value);
    }
    /// to[i] = from[i]
    template <class From, class To>
    void copy(const From* from, int count, To* to) const
    {
        std::copy_n(from, count, to);
    }
    /// sums[i] += row[i]
    void add(const float* row, int count, double* sums) const
    {
        slot_kernels::addRow(row, static_cast<std::size_t>(count), sums);
    }
    /// sums[i] = sums[i] · factor + row[i]
    void scaleAndAdd(const float* row, int count, double factor, double* sums) const
    {
        slot_kernels::scaleAndAddRow(row, static_cast<std::size_t>(count), factor, sums);
    }
};

} // namespace winnow::kernel
