// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

/// The inner loops of the transforms without decimation. Private to the room.
namespace winnow::wavelet {

struct CircularKernels {
    /// low[n] = sum over j of lowTaps[j] * x[n + offsets[j]] for n < length, and high likewise; low and high do not overlap x.
    void (*split)(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets, const double* lowTaps,
                  const double* highTaps, double* low, double* high);

    /// out[n] = sum over j of taps[j] * x[n + offsets[j]], with `add` on top of what out holds; out does not overlap x.
    void (*join)(const double* x, std::size_t length, std::span<const std::ptrdiff_t> offsets, const double* taps, double* out,
                 bool add);
};

/// For the best instructions that this processor has.
const CircularKernels& circularKernels();

/// Those that every processor runs.
const CircularKernels& plainCircularKernels();

} // namespace winnow::wavelet
