// SPDX-License-Identifier: GPL-3.0-or-later
// A team of 32 on the host (core/kernels/team.h): the calls of each operation come in an order that the test chooses, as they may
// on a device. Text whose result depends on that order shows itself. Slow and obvious; one thread.
#pragma once

#include "core/kernels/team.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace winnow::testing_support {

enum class CallOrder { Forward, Backward, Shuffled };

class TeamOf32 : public kernel::HostFunctions {
public:
    explicit TeamOf32(CallOrder order) : m_order(order) {}

    template <class Work>
    void forEach(int begin, int end, const Work& work) const
    {
        std::vector<int> calls(static_cast<std::size_t>(std::max(0, end - begin)));
        std::iota(calls.begin(), calls.end(), begin);
        if (m_order == CallOrder::Backward)
            std::reverse(calls.begin(), calls.end());
        if (m_order == CallOrder::Shuffled)
            std::shuffle(calls.begin(), calls.end(), m_random);
        for (const int i : calls)
            work(i);
    }
    template <class Work>
    void alone(const Work& work) const
    {
        work();
    }
    /// Every worker adds up its own values, then pairs of workers add up theirs.
    template <class Value>
    double sum(int begin, int end, const Value& value) const
    {
        const std::vector<double> values = evaluated<double>(begin, end, value);
        std::array<double, 32> sums{};
        for (std::size_t i = 0; i < values.size(); ++i)
            sums[i % 32] += values[i];
        for (std::size_t half = 16; half > 0; half /= 2)
            for (std::size_t worker = 0; worker < half; ++worker)
                sums[worker] += sums[worker + half];
        return sums[0];
    }
    static constexpr int workers() { return 32; }
    template <class Value>
    double least(int begin, int end, const Value& value) const
    {
        const std::vector<double> values = evaluated<double>(begin, end, value);
        return std::accumulate(values.begin(), values.end(), infinity(), [](double a, double b) { return b < a ? b : a; });
    }
    int smallest(const double* values, int begin, int end, kernel::Tie tie) const
    {
        int best = -1;
        forEach(begin, end, [&](int i) {
            const bool equal = best >= 0 && values[i] == values[best];
            if (!std::isnan(values[i]) &&
                (best < 0 || values[i] < values[best] || (equal && (tie == kernel::Tie::First ? i < best : i > best))))
                best = i;
        });
        return best >= 0 ? best : tie == kernel::Tie::First ? begin : end - 1;
    }
    template <class Takes>
    int listOf(int begin, int end, const Takes& takes, int* list) const
    {
        const std::vector<char> taken = evaluated<char>(begin, end, takes);
        int count = 0;
        for (int i = begin; i < end; ++i)
            if (taken[static_cast<std::size_t>(i - begin)])
                list[count++] = i;
        return count;
    }
    double kthSmallest(double* values, int count, int k) const
    {
        std::sort(values, values + count, std::greater<>()); // another order than that of the team of one
        return values[count - 1 - k];
    }
    template <class T>
    void erase(T* values, int count, const int* gone, int goneCount) const
    {
        const std::vector<T> before(values, values + count);
        forEach(0, count, [&](int i) {
            const auto below = std::lower_bound(gone, gone + goneCount, i) - gone;
            if (below == goneCount || gone[below] != i)
                values[i - below] = before[static_cast<std::size_t>(i)];
        });
    }
    template <class T>
    void fill(T* to, int count, T value) const
    {
        forEach(0, count, [&](int i) { to[i] = value; });
    }
    template <class From, class To>
    void copy(const From* from, int count, To* to) const
    {
        forEach(0, count, [&](int i) { to[i] = from[i]; });
    }
    void add(const float* row, int count, double* sums) const
    {
        forEach(0, count, [&](int i) { sums[i] += static_cast<double>(row[i]); });
    }
    void scaleAndAdd(const float* row, int count, double factor, double* sums) const
    {
        forEach(0, count, [&](int i) {
            const double scaled = sums[i] * factor;
            sums[i] = scaled + static_cast<double>(row[i]);
        });
    }

private:
    template <class T, class Value>
    std::vector<T> evaluated(int begin, int end, const Value& value) const
    {
        std::vector<T> values(static_cast<std::size_t>(std::max(0, end - begin)));
        forEach(begin, end, [&](int i) { values[static_cast<std::size_t>(i - begin)] = static_cast<T>(value(i)); });
        return values;
    }

    CallOrder m_order;
    mutable std::mt19937 m_random{7};
};

} // namespace winnow::testing_support
