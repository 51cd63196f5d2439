// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/circular_kernels.h"

#include <cstring>

namespace winnow::wavelet {

namespace {

// Everything below is inlined into the few functions at the end, which say for which instructions they are compiled.
#define WINNOW_INLINE inline __attribute__((always_inline))
#define WINNOW_UNROLL _Pragma("GCC unroll 8")

using Pair = double __attribute__((vector_size(16)));
using Quad = double __attribute__((vector_size(32)));

/// `Vectors` registers of samples at a time, which share the taps.
template <class Vector, std::size_t Vectors>
struct Circular {
    static constexpr std::size_t kWidth = sizeof(Vector) / sizeof(double);

    static WINNOW_INLINE void splitSome(const double* x, std::span<const std::ptrdiff_t> offsets, const double* lowTaps,
                                        const double* highTaps, double* low, double* high)
    {
        Vector lowSum[Vectors] = {}, highSum[Vectors] = {};
        for (std::size_t j = 0; j < offsets.size(); ++j) {
            const double *from = x + offsets[j], lowTap = lowTaps[j], highTap = highTaps[j];
            WINNOW_UNROLL
            for (std::size_t v = 0; v < Vectors; ++v) {
                Vector samples;
                std::memcpy(&samples, from + v * kWidth, sizeof samples);
                lowSum[v] += lowTap * samples;
                highSum[v] += highTap * samples;
            }
        }
        WINNOW_UNROLL
        for (std::size_t v = 0; v < Vectors; ++v) {
            std::memcpy(low + v * kWidth, &lowSum[v], sizeof(Vector));
            std::memcpy(high + v * kWidth, &highSum[v], sizeof(Vector));
        }
    }

    static WINNOW_INLINE void joinSome(const double* x, std::span<const std::ptrdiff_t> offsets, const double* taps, double* out,
                                       bool add)
    {
        Vector sum[Vectors] = {};
        if (add) {
            WINNOW_UNROLL
            for (std::size_t v = 0; v < Vectors; ++v)
                std::memcpy(&sum[v], out + v * kWidth, sizeof(Vector));
        }
        for (std::size_t j = 0; j < offsets.size(); ++j) {
            const double *from = x + offsets[j], tap = taps[j];
            WINNOW_UNROLL
            for (std::size_t v = 0; v < Vectors; ++v) {
                Vector samples;
                std::memcpy(&samples, from + v * kWidth, sizeof samples);
                sum[v] += tap * samples;
            }
        }
        WINNOW_UNROLL
        for (std::size_t v = 0; v < Vectors; ++v)
            std::memcpy(out + v * kWidth, &sum[v], sizeof(Vector));
    }

    static WINNOW_INLINE void split(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets,
                                    const double* lowTaps, const double* highTaps, double* low, double* high)
    {
        std::size_t n = 0;
        for (; n + Vectors * kWidth <= length; n += Vectors * kWidth)
            splitSome(x + n, offsets, lowTaps, highTaps, low + n, high + n);
        for (; n < length; ++n)
            Circular<double, 1>::splitSome(x + n, offsets, lowTaps, highTaps, low + n, high + n);
    }

    static WINNOW_INLINE void join(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets,
                                   const double* taps, double* out, bool add)
    {
        std::size_t n = 0;
        for (; n + Vectors * kWidth <= length; n += Vectors * kWidth)
            joinSome(x + n, offsets, taps, out + n, add);
        for (; n < length; ++n)
            Circular<double, 1>::joinSome(x + n, offsets, taps, out + n, add);
    }
};

#define WINNOW_KERNELS(name, target, ...)                                                                                        \
    target void name##Split(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets, const double* lowTaps, \
                            const double* highTaps, double* low, double* high)                                                   \
    {                                                                                                                            \
        __VA_ARGS__::split(x, length, offsets, lowTaps, highTaps, low, high);                                                    \
    }                                                                                                                            \
    target void name##Join(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets, const double* taps,     \
                           double* out, bool add)                                                                                \
    {                                                                                                                            \
        __VA_ARGS__::join(x, length, offsets, taps, out, add);                                                                   \
    }                                                                                                                            \
    constexpr CircularKernels name##Kernels{name##Split, name##Join};

using Pairs = Circular<Pair, 4>;
WINNOW_KERNELS(pair, , Pairs)

#if defined(__x86_64__)
using Quads = Circular<Quad, 4>;
WINNOW_KERNELS(quad, __attribute__((target("avx2,fma"))), Quads)

const CircularKernels& best()
{
    static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return wide ? quadKernels : pairKernels;
}
#else
const CircularKernels& best() { return pairKernels; }
#endif

} // namespace

const CircularKernels& circularKernels() { return best(); }

const CircularKernels& plainCircularKernels() { return pairKernels; }

} // namespace winnow::wavelet
