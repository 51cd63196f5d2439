// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "wavelet/transform.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

/// The discrete wavelet transform as a textbook writes it: every sum spelled out, nothing shared with the room but the filters.
namespace winnow::wavelet::reference {

/// Sample i of the signal x as the boundary extends it. Periodization is applied to a signal that is even already.
inline double extended(std::span<const double> x, std::ptrdiff_t i, Boundary boundary)
{
    const auto n = static_cast<std::ptrdiff_t>(x.size());
    if (i >= 0 && i < n)
        return x[i];
    const bool left = i < 0;
    const std::ptrdiff_t edge = left ? 0 : n - 1, distance = left ? -i : i - edge;
    switch (boundary) {
    case Boundary::Zero:
        return 0.0;
    case Boundary::Constant:
        return x[edge];
    case Boundary::Symmetric:
        return extended(x, left ? -i - 1 : 2 * n - 1 - i, boundary);
    case Boundary::Antisymmetric:
        return -extended(x, left ? -i - 1 : 2 * n - 1 - i, boundary);
    case Boundary::Reflect:
        return n == 1 ? x[0] : extended(x, left ? -i : 2 * (n - 1) - i, boundary);
    case Boundary::Antireflect:
        return n == 1 ? x[0] : 2.0 * x[edge] - extended(x, left ? -i : 2 * (n - 1) - i, boundary);
    case Boundary::Periodic:
    case Boundary::Periodization:
        return x[((i % n) + n) % n];
    case Boundary::Smooth:
        return n == 1 ? x[0] : x[edge] + static_cast<double>(distance) * (x[edge] - x[left ? 1 : n - 2]);
    }
    return NAN;
}

inline Split dwt(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary)
{
    std::vector<double> x(signal.begin(), signal.end());
    const auto taps = static_cast<std::ptrdiff_t>(wavelet.filterLength());
    const bool circular = boundary == Boundary::Periodization;
    if (circular && x.size() % 2 != 0)
        x.push_back(x.back());
    const auto n = static_cast<std::ptrdiff_t>(x.size());
    Split result;
    for (std::ptrdiff_t k = 0; k < (circular ? n / 2 : (n + taps - 1) / 2); ++k) {
        double low = 0.0, high = 0.0;
        for (std::ptrdiff_t j = 0; j < taps; ++j) {
            const double sample = extended(x, 2 * k + (circular ? taps / 2 : 1) - j, boundary);
            low += wavelet.low[j] * sample;
            high += wavelet.high[j] * sample;
        }
        result.approximation.push_back(low);
        result.detail.push_back(high);
    }
    return result;
}

/// Sample m of the full convolution of the upsampled coefficients with the filters goes to m - (taps - 2), or, circularly, to
/// m - (taps / 2 - 1).
inline std::vector<double> idwt(std::span<const double> approximation, std::span<const double> detail, const Wavelet& wavelet,
                                Boundary boundary)
{
    const auto taps = static_cast<std::ptrdiff_t>(wavelet.filterLength()), count = static_cast<std::ptrdiff_t>(detail.size());
    const bool circular = boundary == Boundary::Periodization;
    const std::ptrdiff_t length = circular ? 2 * count : 2 * count - taps + 2;
    std::vector<double> signal(length, 0.0);
    for (std::ptrdiff_t k = 0; k < count; ++k) {
        for (std::ptrdiff_t j = 0; j < taps; ++j) {
            std::ptrdiff_t n = 2 * k + j - (circular ? taps / 2 - 1 : taps - 2);
            if (circular)
                n = ((n % length) + length) % length;
            if (n >= 0 && n < length)
                signal[n] += wavelet.lowBack[j] * approximation[k] + wavelet.highBack[j] * detail[k];
        }
    }
    return signal;
}

/// [levels + 1]: details, finest first, then the approximation.
inline std::vector<std::vector<double>> wavedec(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary,
                                                int levels)
{
    std::vector<std::vector<double>> bands;
    std::vector<double> rest(signal.begin(), signal.end());
    for (int level = 0; level < levels; ++level) {
        Split split = reference::dwt(rest, wavelet, boundary);
        bands.push_back(split.detail);
        rest = split.approximation;
    }
    bands.push_back(rest);
    return bands;
}

/// Every band reconstructed alone, cropped to the signal's length.
inline std::vector<std::vector<double>> multiresolution(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary,
                                                        int levels)
{
    const auto all = reference::wavedec(signal, wavelet, boundary, levels);
    std::vector<std::vector<double>> result;
    for (std::size_t kept = 0; kept < all.size(); ++kept) {
        auto bands = all;
        for (std::size_t band = 0; band < bands.size(); ++band) {
            if (band != kept)
                std::ranges::fill(bands[band], 0.0);
        }
        std::vector<double> rest = bands.back();
        for (int level = levels - 1; level >= 0; --level) {
            rest.resize(bands[level].size()); // an odd length came back one longer
            rest = reference::idwt(rest, bands[level], wavelet, boundary);
        }
        rest.resize(signal.size());
        result.push_back(rest);
    }
    return result;
}

} // namespace winnow::wavelet::reference
