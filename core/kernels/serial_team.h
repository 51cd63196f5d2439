// SPDX-License-Identifier: GPL-3.0-or-later
// What teams of one have in common: the operations that run one call after the other. Free of the standard library.
#pragma once

#include "core/kernels/prelude.h"

namespace winnow::kernel {

struct SerialTeam {
    /// work(i) for every i in [begin, end).
    template <class Work>
    void forEach(int begin, int end, const Work& work) const
    {
        for (int i = begin; i < end; ++i)
            work(i);
    }
    /// work() once, by one of the workers.
    template <class Work>
    void alone(const Work& work) const
    {
        work();
    }
    /// The sum of value(i) over [begin, end), in the order of i. Larger teams add in an order of their own.
    template <class Value>
    double sum(int begin, int end, const Value& value) const
    {
        double all = 0;
        for (int i = begin; i < end; ++i)
            all += value(i);
        return all;
    }
    /// The i of [begin, end) that `takes`, ascending, to `list`; returns their number.
    template <class Takes>
    int listOf(int begin, int end, const Takes& takes, int* list) const
    {
        int count = 0;
        for (int i = begin; i < end; ++i)
            if (takes(i))
                list[count++] = i;
        return count;
    }
};

} // namespace winnow::kernel
