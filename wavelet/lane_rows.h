// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/boundary.h"
#include "wavelet/eigen_views.h"

#include <cstddef>
#include <span>

/// The inner loops of the room. Private to it.
///
/// A block is a few signals side by side: row n holds sample n of every signal, `lanes` numbers long. All signals of a block take
/// the same path, so one vector instruction serves several of them, whatever the filter and the boundary.
namespace winnow::wavelet {

/// Signals in a block of a batch: eight doubles are one cache line and two AVX2 registers. A block of 2,048 samples with its
/// bands still fits the second-level cache.
inline constexpr std::size_t kBatchLanes = 8;

/// The low-pass and the high-pass filter of one transform, of the same length.
struct FilterPair {
    std::span<const double> low, high;
};

struct RowKernels {
    /// For k < count: low[k] = sum over j of filters.low[j] * x[2k - j], and high likewise. Reads rows 1 - taps to 2 count - 2 of
    /// x; low and high do not overlap x.
    void (*analyze)(const double* x, std::size_t count, FilterPair filters, double* low, double* high);

    /// For p < pairs: out[2p + r] = sum over j of filter[2j + r] * x[p - j], r = 0, 1; with `add` on top of what out holds. Reads
    /// rows 1 - taps / 2 to pairs - 1 of x; out does not overlap x.
    void (*synthesize)(const double* x, std::size_t pairs, std::span<const double> filter, double* out, bool add);

    /// to[c, r] = from[r, c]. `to` has as many rows as `from` has columns, and as many columns as it has rows.
    void (*transpose)(ConstRowMap from, RowMap to);

    /// magnitudes[n] += sum over the lanes of |x[n]|, squares[n] += that of x[n]^2, for n < count.
    void (*addMoments)(const double* x, std::size_t count, double* magnitudes, double* squares);

    /// The sum of x[n] y[n] over n < count and the lanes.
    double (*dot)(const double* x, const double* y, std::size_t count);
};

/// The kernels for blocks of 1 or kBatchLanes signals, for the best instructions this processor has. The results of two
/// processors may differ in the last bits, since one rounds a multiply-add once and another twice.
const RowKernels& rowKernels(std::size_t lanes);

/// Those for kBatchLanes signals that every processor runs.
const RowKernels& plainRowKernels();

/// Fills the rows -margin to -1 and length to length + margin - 1 of x as the boundary says, and one more row at the end if
/// Periodization makes an odd length even. length ≥ 1.
void extendRows(double* x, std::size_t length, std::size_t lanes, std::size_t margin, Boundary boundary);

} // namespace winnow::wavelet
