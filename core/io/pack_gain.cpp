// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pack_gain.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

namespace winnow {

bool isWorthPacking(std::span<const std::byte> bytes)
{
    constexpr std::size_t kPieces = 4, kPiece = 16384; // from all over the array: lifetimes look otherwise in each lane
    std::vector<std::byte> sample;
    if (bytes.size() <= kPieces * kPiece)
        sample.assign(bytes.begin(), bytes.end());
    else
        for (std::size_t i = 0; i < kPieces; ++i) {
            const auto piece = bytes.subspan(i * (bytes.size() - kPiece) / (kPieces - 1), kPiece);
            sample.insert(sample.end(), piece.begin(), piece.end());
        }
    std::vector<Bytef> packed(compressBound(static_cast<uLong>(sample.size())));
    auto size = static_cast<uLongf>(packed.size());
    compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(sample.data()), static_cast<uLong>(sample.size()),
              Z_BEST_SPEED);
    return 2 * size < sample.size();
}

} // namespace winnow
