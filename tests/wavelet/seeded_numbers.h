// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace winnow::wavelet {

/// The pseudo-random numbers of tests/fixtures/wavelet/make_wavelets.py: splitmix64 of seed * 2^32 + index, in [-1, 1).
inline std::vector<double> numbers(std::uint64_t seed, std::size_t count)
{
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t z = ((seed << 32) + i) * 0x9E3779B97F4A7C15ULL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        z = z ^ (z >> 31);
        result[i] = static_cast<double>(z >> 11) * 0x1p-52 - 1.0;
    }
    return result;
}

} // namespace winnow::wavelet
