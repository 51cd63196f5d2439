// SPDX-License-Identifier: GPL-3.0-or-later
// Finds deflated chunks that unpack to more than a chunk. libhdf5 would allocate memory for all of it, up to 1,032 times the
// packed size.
#pragma once

#include "core/io/hdf5.h"

namespace winnow {

/// Where deflate stands among the filters of a dataset, and its chunks.
struct DeflatedChunks {
    Hdf5Shape chunk;         ///< empty: the dataset is not deflated
    std::uint64_t bytes = 0; ///< of one chunk, unpacked
    unsigned filterBit = 0;  ///< set in the mask of chunks that this filter passed over

    explicit operator bool() const { return !chunk.empty(); }
};
DeflatedChunks deflatedChunks(hid_t data);

/// A sentence when a chunk of the box `count` at `begin` unpacks to more than it holds. Unpacks large ones for that, and keeps
/// nothing; chunks of few packed bytes cannot grow much and are left to libhdf5. Hold an Hdf5Lock.
Result<void> checkUnpacked(hid_t data, const DeflatedChunks& chunks, std::span<const hsize_t> begin,
                           std::span<const hsize_t> count, const std::string& name);

} // namespace winnow
