// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel text: the team of a block of workers, which core/kernels/team.h explains. On a device a block is a thread block
// (core/device/kernels/cuda_block.h); tests run the same text on threads of the host (tests/support/thread_block.h).
#pragma once

#include "core/kernels/prelude.h"

namespace winnow::kernel {

/// The most workers of a block. Their number is a power of two.
constexpr int kMostWorkers = 256;

/// What the workers of a block tell each other: a place for each. In the block's shared memory.
struct BlockBoard {
    double numbers[kMostWorkers];
    int places[kMostWorkers];
};

/// `Block` offers: worker(), the own number from 0; workers(), their number; wait(), which returns when all workers have called
/// it, and then shows each what the others wrote before; board(); Functions, as HostFunctions in core/kernels/team.h.
///
/// Every operation begins with a wait, so that nobody changes an array while another still reads it, and ends behind the last
/// wait after which something is written.
template <class Block>
class BlockTeam : public Block::Functions {
public:
    explicit BlockTeam(const Block& block) : m_block(block) {}

    int workers() const { return m_block.workers(); }

    /// work(i) for every i in [begin, end).
    template <class Work>
    void forEach(int begin, int end, const Work& work) const
    {
        m_block.wait();
        for (int i = begin + worker(); i < end; i += workers())
            work(i);
        m_block.wait();
    }
    /// work() once, by one of the workers.
    template <class Work>
    void alone(const Work& work) const
    {
        m_block.wait();
        if (worker() == 0)
            work();
        m_block.wait();
    }
    /// The sum of value(i) over [begin, end): every worker adds up its own, then halves of the workers add up theirs.
    template <class Value>
    double sum(int begin, int end, const Value& value) const
    {
        double own = 0;
        for (int i = begin + worker(); i < end; i += workers())
            own += value(i);
        return together(own, [](double a, double b) { return a + b; });
    }
    /// The smallest value(i) over [begin, end), those that are no numbers left out; infinity where none is left.
    template <class Value>
    double least(int begin, int end, const Value& value) const
    {
        double own = this->infinity();
        for (int i = begin + worker(); i < end; i += workers())
            if (const double next = value(i); next < own)
                own = next;
        return together(own, [](double a, double b) { return b < a ? b : a; });
    }
    /// The i of [begin, end), not empty, whose value is smallest; what is no number counts as larger than all that are.
    int smallest(const double* values, int begin, int end, Tie tie) const
    {
        m_block.wait();
        int own = begin; // the best place so far; the value there may be no number
        for (int i = begin + worker(); i < end; i += workers())
            own = better(values, own, i, tie);
        int* places = m_block.board().places;
        places[worker()] = own;
        m_block.wait();
        for (int half = workers() / 2; half > 0; half /= 2) {
            if (worker() < half)
                places[worker()] = better(values, places[worker()], places[worker() + half], tie);
            m_block.wait();
        }
        const int best = places[0];
        return values[best] == values[best] ? best : tie == Tie::First ? begin : end - 1;
    }
    /// The i of [begin, end) that `takes`, ascending, to `list`; returns their number. Each worker looks at one run of places,
    /// twice: first it counts.
    template <class Takes>
    int listOf(int begin, int end, const Takes& takes, int* list) const
    {
        const int share = end > begin ? (end - begin + workers() - 1) / workers() : 0;
        const int first = smaller(end, begin + worker() * share), last = smaller(end, first + share);
        m_block.wait();
        int own = 0;
        for (int i = first; i < last; ++i)
            own += takes(i) ? 1 : 0;
        const int all = countUpTo(own);
        int at = m_block.board().places[worker()] - own; // what the workers before this one take comes first
        for (int i = first; i < last; ++i)
            if (takes(i))
                list[at++] = i;
        m_block.wait();
        return all;
    }
    /// The value that stands at place `k`, from 0, when `count` values ascend; what is no number stands last. One bit of the
    /// value after the other, the highest first: what is below it is counted.
    double kthSmallest(const double* values, int count, int k) const
    {
        Word found = 0;
        for (int bit = 63; bit >= 0; --bit) {
            const Word tried = found | (Word{1} << bit);
            const double below = sum(0, count, [&](int i) { return rank(values[i]) < tried ? 1 : 0; });
            if (below <= k)
                found = tried;
        }
        return ofRank(found);
    }
    /// Removes the entries at the places `gone` (ascending, `goneCount` of them, all below `count`); the others keep their order.
    template <class T>
    void erase(T* values, int count, const int* gone, int goneCount) const
    {
        m_block.wait();
        if (goneCount == 0)
            return;
        for (int begin = gone[0]; begin < count; begin += workers()) { // what moves up is read before it is written over
            const int i = begin + worker();
            const int before = i < count ? placesBelow(gone, goneCount, i) : 0;
            const bool stays = i < count && (before == goneCount || gone[before] != i);
            const T value = stays ? values[i] : T();
            m_block.wait();
            if (stays)
                values[i - before] = value;
            m_block.wait();
        }
    }

    // Rows.

    /// to[i] = value
    template <class T>
    void fill(T* to, int count, T value) const
    {
        forEach(0, count, [&](int i) { to[i] = value; });
    }
    /// to[i] = from[i]
    template <class From, class To>
    void copy(const From* from, int count, To* to) const
    {
        forEach(0, count, [&](int i) { to[i] = static_cast<To>(from[i]); });
    }
    /// sums[i] += row[i]
    void add(const float* row, int count, double* sums) const
    {
        forEach(0, count, [&](int i) { sums[i] += static_cast<double>(row[i]); });
    }
    /// sums[i] = sums[i] · factor + row[i], rounded twice: device compilers are told not to fuse the two.
    void scaleAndAdd(const float* row, int count, double factor, double* sums) const
    {
        forEach(0, count, [&](int i) { sums[i] = sums[i] * factor + static_cast<double>(row[i]); });
    }

private:
    int worker() const { return m_block.worker(); }

    /// What all workers' own numbers make: halves of the workers join theirs with those of the other half, until one is left.
    template <class Join>
    double together(double own, const Join& join) const
    {
        double* numbers = m_block.board().numbers;
        m_block.wait();
        numbers[worker()] = own;
        m_block.wait();
        for (int half = workers() / 2; half > 0; half /= 2) {
            if (worker() < half)
                numbers[worker()] = join(numbers[worker()], numbers[worker() + half]);
            m_block.wait();
        }
        return numbers[0];
    }

    static int smaller(int a, int b) { return a < b ? a : b; }
    /// Whichever of two places has the smaller value; a number is smaller than what is none.
    static int better(const double* values, int a, int b, Tie tie)
    {
        const double x = values[a], y = values[b];
        if (x == y)
            return (tie == Tie::First) == (a < b) ? a : b;
        return x < y || y != y ? a : b;
    }
    /// Puts the sum of `own` over this worker and those before it to its place on the board; returns the sum over all.
    int countUpTo(int own) const
    {
        int* places = m_block.board().places;
        places[worker()] = own;
        m_block.wait();
        for (int reach = 1; reach < workers(); reach *= 2) {
            const int before = worker() >= reach ? places[worker() - reach] : 0;
            m_block.wait();
            places[worker()] += before;
            m_block.wait();
        }
        return places[workers() - 1];
    }
    /// How many of the ascending places `gone` lie below `i`.
    static int placesBelow(const int* gone, int goneCount, int i)
    {
        int below = 0, end = goneCount;
        while (below < end) {
            const int middle = (below + end) / 2;
            if (gone[middle] < i)
                below = middle + 1;
            else
                end = middle;
        }
        return below;
    }
    /// A whole number that orders as the value does: −0 counts as 0, and what is no number is the largest.
    static Word rank(double value)
    {
        constexpr Word kSign = Word{1} << 63;
        if (value != value)
            return ~Word{0};
        const Word bits = __builtin_bit_cast(Word, value == 0 ? 0.0 : value);
        return (bits & kSign) != 0 ? ~bits : bits | kSign;
    }
    static double ofRank(Word rank)
    {
        constexpr Word kSign = Word{1} << 63;
        return __builtin_bit_cast(double, (rank & kSign) != 0 ? rank & ~kSign : ~rank);
    }

    const Block& m_block;
};

} // namespace winnow::kernel
