// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/lane_rows.h"

#include "wavelet/contract.h"

#include <cmath>
#include <cstring>

namespace winnow::wavelet {

namespace {

// Everything below is inlined into the few functions at the end, which say for which instructions they are compiled. Loops over
// registers are unrolled early: left as loops they would keep the registers in memory.
#define WINNOW_INLINE inline __attribute__((always_inline))
#define WINNOW_UNROLL _Pragma("GCC unroll 8")

// By reference: passing a wide register by value depends on the instructions that are switched on.
template <class Vector>
WINNOW_INLINE void load(Vector& value, const double* from)
{
    std::memcpy(&value, from, sizeof value);
}

template <class Vector>
WINNOW_INLINE void store(double* to, const Vector& value)
{
    std::memcpy(to, &value, sizeof value);
}

using Pair = double __attribute__((vector_size(16)));
using Quad = double __attribute__((vector_size(32)));

/// Turns a square of numbers, one register a row, about its diagonal.
WINNOW_INLINE void transpose(double (&)[1]) {}

WINNOW_INLINE void transpose(Pair (&square)[2])
{
    const Pair first = __builtin_shufflevector(square[0], square[1], 0, 2);
    square[1] = __builtin_shufflevector(square[0], square[1], 1, 3);
    square[0] = first;
}

WINNOW_INLINE void transpose(Quad (&square)[4])
{
    const Quad even01 = __builtin_shufflevector(square[0], square[1], 0, 4, 2, 6);
    const Quad odd01 = __builtin_shufflevector(square[0], square[1], 1, 5, 3, 7);
    const Quad even23 = __builtin_shufflevector(square[2], square[3], 0, 4, 2, 6);
    const Quad odd23 = __builtin_shufflevector(square[2], square[3], 1, 5, 3, 7);
    square[0] = __builtin_shufflevector(even01, even23, 0, 1, 4, 5);
    square[1] = __builtin_shufflevector(odd01, odd23, 0, 1, 4, 5);
    square[2] = __builtin_shufflevector(even01, even23, 2, 3, 6, 7);
    square[3] = __builtin_shufflevector(odd01, odd23, 2, 3, 6, 7);
}

/// Vector: a register of doubles, or one double. Parts: registers in one row of the block.
template <class Vector, std::size_t Parts>
struct Kernel {
    static constexpr std::size_t kWidth = sizeof(Vector) / sizeof(double);
    static constexpr std::size_t kLanes = Parts * kWidth;

    struct Row {
        Vector parts[Parts] = {};

        WINNOW_INLINE void get(const double* from)
        {
            WINNOW_UNROLL
            for (std::size_t part = 0; part < Parts; ++part)
                load(parts[part], from + part * kWidth);
        }
        WINNOW_INLINE void put(double* to) const
        {
            WINNOW_UNROLL
            for (std::size_t part = 0; part < Parts; ++part)
                store(to + part * kWidth, parts[part]);
        }
        WINNOW_INLINE void add(double factor, const Row& row)
        {
            WINNOW_UNROLL
            for (std::size_t part = 0; part < Parts; ++part)
                parts[part] += factor * row.parts[part];
        }
    };

    /// `Count` rows of the result at a time, which share the taps.
    template <std::size_t Count>
    static WINNOW_INLINE void analyzeSome(const double* x, FilterPair filters, double* low, double* high)
    {
        Row lowRow[Count], highRow[Count];
        const std::size_t taps = filters.low.size();
        for (std::size_t j = 0; j < taps; ++j) {
            const double lowTap = filters.low[j], highTap = filters.high[j];
            WINNOW_UNROLL
            for (std::size_t k = 0; k < Count; ++k) {
                Row row;
                row.get(x + 2 * k * kLanes - j * kLanes);
                lowRow[k].add(lowTap, row);
                highRow[k].add(highTap, row);
            }
        }
        WINNOW_UNROLL
        for (std::size_t k = 0; k < Count; ++k) {
            lowRow[k].put(low + k * kLanes);
            highRow[k].put(high + k * kLanes);
        }
    }

    static WINNOW_INLINE void analyze(const double* x, std::size_t count, FilterPair filters, double* low, double* high)
    {
        std::size_t k = 0;
        for (; k + 2 <= count; k += 2)
            analyzeSome<2>(x + 2 * k * kLanes, filters, low + k * kLanes, high + k * kLanes);
        if (k < count)
            analyzeSome<1>(x + 2 * k * kLanes, filters, low + k * kLanes, high + k * kLanes);
    }

    template <std::size_t Count>
    static WINNOW_INLINE void synthesizeSome(const double* x, std::span<const double> filter, double* out, bool add)
    {
        Row even[Count], odd[Count];
        if (add) {
            WINNOW_UNROLL
            for (std::size_t p = 0; p < Count; ++p) {
                even[p].get(out + 2 * p * kLanes);
                odd[p].get(out + (2 * p + 1) * kLanes);
            }
        }
        const std::size_t half = filter.size() / 2;
        for (std::size_t j = 0; j < half; ++j) {
            const double evenTap = filter[2 * j], oddTap = filter[2 * j + 1];
            WINNOW_UNROLL
            for (std::size_t p = 0; p < Count; ++p) {
                Row row;
                row.get(x + p * kLanes - j * kLanes);
                even[p].add(evenTap, row);
                odd[p].add(oddTap, row);
            }
        }
        WINNOW_UNROLL
        for (std::size_t p = 0; p < Count; ++p) {
            even[p].put(out + 2 * p * kLanes);
            odd[p].put(out + (2 * p + 1) * kLanes);
        }
    }

    static WINNOW_INLINE void synthesize(const double* x, std::size_t pairs, std::span<const double> filter, double* out,
                                         bool add)
    {
        std::size_t p = 0;
        for (; p + 2 <= pairs; p += 2)
            synthesizeSome<2>(x + p * kLanes, filter, out + 2 * p * kLanes, add);
        if (p < pairs)
            synthesizeSome<1>(x + p * kLanes, filter, out + 2 * p * kLanes, add);
    }

    static WINNOW_INLINE void turn(const double* from, std::size_t stride, std::size_t rows, std::size_t columns, double* to,
                                   std::size_t strideTo)
    {
        const std::size_t wholeRows = rows - rows % kWidth, wholeColumns = columns - columns % kWidth;
        for (std::size_t r = 0; r < wholeRows; r += kWidth) {
            for (std::size_t c = 0; c < wholeColumns; c += kWidth) {
                Vector square[kWidth];
                WINNOW_UNROLL
                for (std::size_t i = 0; i < kWidth; ++i)
                    load(square[i], from + (r + i) * stride + c);
                transpose(square);
                WINNOW_UNROLL
                for (std::size_t i = 0; i < kWidth; ++i)
                    store(to + (c + i) * strideTo + r, square[i]);
            }
        }
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t c = r < wholeRows ? wholeColumns : 0; c < columns; ++c)
                to[c * strideTo + r] = from[r * stride + c];
        }
    }

    static WINNOW_INLINE void addMoments(const double* x, std::size_t count, double* magnitudes, double* squares)
    {
        const std::size_t whole = count - count % kWidth;
        for (std::size_t n = 0; n < whole; n += kWidth) {
            Vector magnitude, power;
            load(magnitude, magnitudes + n);
            load(power, squares + n);
            WINNOW_UNROLL
            for (std::size_t part = 0; part < Parts; ++part) {
                Vector square[kWidth];
                WINNOW_UNROLL
                for (std::size_t i = 0; i < kWidth; ++i)
                    load(square[i], x + (n + i) * kLanes + part * kWidth);
                transpose(square);
                WINNOW_UNROLL
                for (std::size_t i = 0; i < kWidth; ++i) {
                    magnitude += square[i] < 0.0 ? -square[i] : square[i];
                    power += square[i] * square[i];
                }
            }
            store(magnitudes + n, magnitude);
            store(squares + n, power);
        }
        for (std::size_t n = whole; n < count; ++n) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                magnitudes[n] += std::abs(x[n * kLanes + lane]);
                squares[n] += x[n * kLanes + lane] * x[n * kLanes + lane];
            }
        }
    }

    static WINNOW_INLINE double dot(const double* x, const double* y, std::size_t count)
    {
        Vector sums[Parts] = {};
        for (std::size_t n = 0; n < count; ++n) {
            WINNOW_UNROLL
            for (std::size_t part = 0; part < Parts; ++part) {
                Vector a, b;
                load(a, x + n * kLanes + part * kWidth);
                load(b, y + n * kLanes + part * kWidth);
                sums[part] += a * b;
            }
        }
        double sum = 0.0;
        for (std::size_t part = 0; part < Parts; ++part) {
            double lanes[kWidth];
            store(lanes, sums[part]);
            for (const double lane : lanes)
                sum += lane;
        }
        return sum;
    }
};

// The same five functions for each kind of register.
#define WINNOW_KERNELS(name, target, ...)                                                                                        \
    target void name##Analyze(const double* x, std::size_t count, FilterPair filters, double* low, double* high)                 \
    {                                                                                                                            \
        __VA_ARGS__::analyze(x, count, filters, low, high);                                                                      \
    }                                                                                                                            \
    target void name##Synthesize(const double* x, std::size_t pairs, std::span<const double> filter, double* out, bool add)      \
    {                                                                                                                            \
        __VA_ARGS__::synthesize(x, pairs, filter, out, add);                                                                     \
    }                                                                                                                            \
    target void name##Transpose(ConstRowMap from, RowMap to)                                                                     \
    {                                                                                                                            \
        __VA_ARGS__::turn(from.data(), static_cast<std::size_t>(from.outerStride()), static_cast<std::size_t>(from.rows()),      \
                          static_cast<std::size_t>(from.cols()), to.data(), static_cast<std::size_t>(to.outerStride()));         \
    }                                                                                                                            \
    target void name##AddMoments(const double* x, std::size_t count, double* magnitudes, double* squares)                        \
    {                                                                                                                            \
        __VA_ARGS__::addMoments(x, count, magnitudes, squares);                                                                  \
    }                                                                                                                            \
    target double name##Dot(const double* x, const double* y, std::size_t count) { return __VA_ARGS__::dot(x, y, count); }       \
    constexpr RowKernels name##Kernels{name##Analyze, name##Synthesize, name##Transpose, name##AddMoments, name##Dot};

using SingleRow = Kernel<double, 1>;
using PairRow = Kernel<Pair, kBatchLanes / 2>;

WINNOW_KERNELS(single, , SingleRow)
WINNOW_KERNELS(pair, , PairRow)

#if defined(__x86_64__)
using QuadRow = Kernel<Quad, kBatchLanes / 4>;
WINNOW_KERNELS(quad, __attribute__((target("avx2,fma"))), QuadRow)

const RowKernels& batchKernels()
{
    static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return wide ? quadKernels : pairKernels;
}
#else
const RowKernels& batchKernels() { return pairKernels; }
#endif

} // namespace

const RowKernels& rowKernels(std::size_t lanes)
{
    WINNOW_WAVELET_CHECK(lanes == 1 || lanes == kBatchLanes, "blocks hold one signal or kBatchLanes signals");
    return lanes == 1 ? singleKernels : batchKernels();
}

const RowKernels& plainRowKernels() { return pairKernels; }

} // namespace winnow::wavelet
