// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_deflate.h"

#include "core/io/hdf5_error.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

namespace winnow {

namespace {

constexpr std::uint64_t kHarmless = 128 << 10; // 132 MB unpacked at most

/// Whether the stream in `packed` ends within `most` bytes.
bool endsWithin(std::span<Bytef> packed, std::uint64_t most)
{
    z_stream stream{};
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(packed.size());
    if (inflateInit(&stream) != Z_OK)
        return false;
    std::array<Bytef, 1 << 15> scratch;
    int state = Z_OK;
    while (state == Z_OK && stream.total_out <= most) {
        stream.next_out = scratch.data();
        stream.avail_out = scratch.size();
        state = inflate(&stream, Z_NO_FLUSH);
    }
    const bool ends = state == Z_STREAM_END && stream.total_out <= most;
    inflateEnd(&stream);
    return ends;
}

} // namespace

DeflatedChunks deflatedChunks(hid_t data)
{
    DeflatedChunks found;
    const Hdf5Id properties(H5Dget_create_plist(data), H5Pclose);
    if (!properties || H5Pget_layout(properties.get()) != H5D_CHUNKED)
        return found;
    for (int i = 0; i < H5Pget_nfilters(properties.get()); ++i) {
        unsigned flags = 0, settings = 0;
        std::size_t values = 0;
        if (H5Pget_filter2(properties.get(), static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &settings) !=
            H5Z_FILTER_DEFLATE)
            continue;
        std::array<hsize_t, H5S_MAX_RANK> chunk{};
        const int rank = H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
        found.chunk.assign(chunk.begin(), chunk.begin() + std::max(rank, 0));
        const Hdf5Id type(H5Dget_type(data), H5Tclose);
        found.bytes = H5Tget_size(type.get());
        for (const hsize_t extent : found.chunk)
            found.bytes *= extent; // HDF5 keeps it below 4 GiB
        found.filterBit = 1u << i;
    }
    return found;
}

Result<void> checkUnpacked(hid_t data, const DeflatedChunks& chunks, std::span<const hsize_t> begin,
                           std::span<const hsize_t> count, const std::string& name)
{
    const auto first = [&](std::size_t axis) { return begin[axis] / chunks.chunk[axis] * chunks.chunk[axis]; };
    Hdf5Shape corner(begin.size());
    for (std::size_t axis = 0; axis < corner.size(); ++axis)
        corner[axis] = first(axis);
    std::vector<Bytef> packed;
    for (;;) {
        unsigned skipped = 0;
        haddr_t address = HADDR_UNDEF;
        hsize_t bytes = 0;
        if (H5Dget_chunk_info_by_coord(data, corner.data(), &skipped, &address, &bytes) < 0)
            return fail(hdf5Error("looking for a chunk of", name));
        const auto damaged = [&] {
            return fail(ErrorCode::BadInput,
                        "'{}' is damaged: its chunk at [{}] does not unpack to the {} bytes of a chunk; copy or record it again",
                        name, fmt::join(corner, ", "), chunks.bytes);
        };
        constexpr std::uint64_t kChecksum = 4; // of fletcher32, before or behind deflate
        if (address != HADDR_UNDEF && bytes > kHarmless && (skipped & chunks.filterBit) == 0) {
            if (bytes > chunks.bytes + chunks.bytes / 64 + (1 << 10)) // deflate adds little to what it cannot pack
                return damaged();
            packed.resize(bytes);
            if (H5Dread_chunk(data, H5P_DEFAULT, corner.data(), &skipped, packed.data()) < 0)
                return fail(hdf5Error("reading", name));
            if (!endsWithin(packed, chunks.bytes + kChecksum))
                return damaged();
        }
        std::size_t axis = corner.size();
        while (axis > 0 && (corner[axis - 1] += chunks.chunk[axis - 1]) >= begin[axis - 1] + count[axis - 1]) {
            --axis;
            corner[axis] = first(axis);
        }
        if (axis == 0)
            return {};
    }
}

} // namespace winnow
