// SPDX-License-Identifier: GPL-3.0-or-later
// Deflated chunks. Finds those that unpack to more than a chunk, for which libhdf5 would allocate memory, up to 1,032 times the
// packed size; and unpacks whole arrays on all cores, where libhdf5 does one chunk after the other.
#pragma once

#include "core/io/hdf5.h"

namespace winnow {

/// Where deflate stands among the filters of a dataset, and its chunks.
struct DeflatedChunks {
    Hdf5Shape chunk;         ///< empty: the dataset is not deflated
    std::uint64_t bytes = 0; ///< of one chunk, unpacked
    unsigned filterBit = 0;  ///< set in the mask of chunks that this filter passed over
    bool shuffled = false;   ///< packed after the bytes of its numbers were sorted by place (HDF5's shuffle)
    bool plain = false;      ///< there is no further filter

    explicit operator bool() const { return !chunk.empty(); }
};
DeflatedChunks deflatedChunks(hid_t data);

/// A sentence when a chunk of the box `count` at `begin` unpacks to more than it holds. Unpacks large ones for that, and keeps
/// nothing; chunks of few packed bytes cannot grow much and are left to libhdf5. Hold an Hdf5Lock.
Result<void> checkUnpacked(hid_t data, const DeflatedChunks& chunks, std::span<const hsize_t> begin,
                           std::span<const hsize_t> count, const std::string& name);

/// The whole array of `shape`, row-major, as its numbers are stored, into `out`; false where a chunk is not there, or is not
/// deflated, or is a large one: then nothing of `out` is of use. `chunks` are plain. Hold no Hdf5Lock: it is held for reading
/// only. A sentence when a chunk does not unpack to a chunk.
Result<bool> readDeflated(hid_t data, const DeflatedChunks& chunks, std::span<const hsize_t> shape, std::byte* out,
                          const std::string& name);

} // namespace winnow
