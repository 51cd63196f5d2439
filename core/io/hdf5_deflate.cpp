// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5_deflate.h"

#include "core/base/parallel.h"
#include "core/io/hdf5_error.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace winnow {

namespace {

constexpr std::uint64_t kHarmless = 128 << 10; // 132 MB unpacked at most

constexpr std::uint64_t kLargeChunk = 64 << 20, kBatch = 32 << 20; ///< bytes: unpacked, packed

/// Whether the stream in `packed` unpacks to `out`, to its last byte and no further.
bool unpacks(std::span<Bytef> packed, std::span<std::byte> out)
{
    z_stream stream{};
    stream.next_in = packed.data();
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (inflateInit(&stream) != Z_OK)
        return false;
    const bool ends = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    return ends;
}

/// Undoes HDF5's shuffle, which puts the first bytes of all numbers before their second ones, and so on.
std::vector<std::byte> unshuffled(const std::vector<std::byte>& bytes, std::size_t width)
{
    std::vector<std::byte> numbers(bytes.size());
    const std::size_t count = bytes.size() / width;
    for (std::size_t place = 0; place < width; ++place)
        for (std::size_t i = 0; i < count; ++i)
            numbers[i * width + place] = bytes[place * count + i];
    return numbers;
}

/// Steps to the next corner of a chunk in the box, the last axis first; false behind the last one.
bool advance(Hdf5Shape& corner, std::span<const hsize_t> chunk, std::span<const hsize_t> begin, std::span<const hsize_t> count)
{
    for (std::size_t axis = corner.size(); axis-- > 0;) {
        if ((corner[axis] += chunk[axis]) < begin[axis] + count[axis])
            return true;
        corner[axis] = begin[axis] / chunk[axis] * chunk[axis];
    }
    return false;
}

struct PackedChunk {
    Hdf5Shape corner;
    std::vector<Bytef> bytes;
};

/// Where the rows (along the last axis) of a chunk lie in an array.
class ChunkRows {
public:
    ChunkRows(std::span<const hsize_t> chunk, std::span<const hsize_t> shape, std::size_t width)
        : m_chunk(chunk), m_shape(shape), m_width(width)
    {
    }
    /// Copies what of an unpacked chunk lies in the array.
    void copy(const Hdf5Shape& corner, std::span<const std::byte> unpacked, std::byte* out) const
    {
        const std::size_t last = corner.size() - 1;
        const std::size_t row = std::min(m_chunk[last], m_shape[last] - corner[last]) * m_width;
        Hdf5Shape at(corner.size(), 0); // within the chunk
        Hdf5Shape rows(m_chunk.begin(), m_chunk.end());
        for (std::size_t axis = 0; axis <= last; ++axis)
            rows[axis] = std::min(m_chunk[axis], m_shape[axis] - corner[axis]);
        const Hdf5Shape zeros(corner.size(), 0);
        Hdf5Shape step(corner.size(), 1);
        step[last] = rows[last];
        do {
            std::uint64_t from = 0, to = 0;
            for (std::size_t axis = 0; axis <= last; ++axis) {
                from = from * m_chunk[axis] + at[axis];
                to = to * m_shape[axis] + corner[axis] + at[axis];
            }
            std::memcpy(out + to * m_width, unpacked.data() + from * m_width, row);
        } while (advance(at, step, zeros, rows));
    }

private:
    std::span<const hsize_t> m_chunk, m_shape;
    std::size_t m_width;
};

/// Bytes that a chunk packs to at most: deflate adds little to what it cannot pack.
std::uint64_t mostPacked(std::uint64_t bytes) { return bytes + bytes / 64 + (1 << 10); }

Error damagedChunk(const std::string& name, const Hdf5Shape& corner, std::uint64_t bytes)
{
    return {ErrorCode::BadInput,
            fmt::format("'{}' is damaged: its chunk at [{}] does not unpack to the {} bytes of a chunk; copy or record it again",
                        name, fmt::join(corner, ", "), bytes)};
}

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
    const int filters = H5Pget_nfilters(properties.get());
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0, settings = 0;
        std::size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(properties.get(), static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &settings);
        found.shuffled = found.shuffled || (i == 0 && filter == H5Z_FILTER_SHUFFLE);
        if (filter != H5Z_FILTER_DEFLATE)
            continue;
        std::array<hsize_t, H5S_MAX_RANK> chunk{};
        const int rank = H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
        found.chunk.assign(chunk.begin(), chunk.begin() + std::max(rank, 0));
        const Hdf5Id type(H5Dget_type(data), H5Tclose);
        found.bytes = H5Tget_size(type.get());
        for (const hsize_t extent : found.chunk)
            found.bytes *= extent; // HDF5 keeps it below 4 GiB
        found.filterBit = 1u << i;
        found.plain = filters == (found.shuffled ? 2 : 1);
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
        const auto damaged = [&] { return fail(damagedChunk(name, corner, chunks.bytes)); };
        constexpr std::uint64_t kChecksum = 4; // of fletcher32, before or behind deflate
        if (address != HADDR_UNDEF && bytes > kHarmless && (skipped & chunks.filterBit) == 0) {
            if (bytes > mostPacked(chunks.bytes))
                return damaged();
            packed.resize(bytes);
            if (H5Dread_chunk(data, H5P_DEFAULT, corner.data(), &skipped, packed.data()) < 0)
                return fail(hdf5Error("reading", name));
            if (!endsWithin(packed, chunks.bytes + kChecksum))
                return damaged();
        }
        if (!advance(corner, chunks.chunk, begin, count))
            return {};
    }
}

Result<bool> readDeflated(hid_t data, const DeflatedChunks& chunks, std::span<const hsize_t> shape, std::byte* out,
                          const std::string& name)
{
    if (chunks.bytes > kLargeChunk)
        return false;
    std::size_t width = chunks.bytes;
    for (const hsize_t extent : chunks.chunk)
        width /= extent;
    const ChunkRows rows(chunks.chunk, shape, width);
    const Hdf5Shape zeros(shape.size(), 0);
    Hdf5Shape corner = zeros;
    for (bool more = true; more;) {
        std::vector<PackedChunk> batch;
        for (std::uint64_t packed = 0; more && packed < kBatch;) {
            const Hdf5Lock lock;
            unsigned skipped = 0;
            haddr_t address = HADDR_UNDEF;
            hsize_t bytes = 0;
            if (H5Dget_chunk_info_by_coord(data, corner.data(), &skipped, &address, &bytes) < 0)
                return fail(hdf5Error("looking for a chunk of", name));
            if (address == HADDR_UNDEF || skipped != 0)
                return false;
            if (bytes > mostPacked(chunks.bytes))
                return fail(damagedChunk(name, corner, chunks.bytes));
            batch.push_back({corner, std::vector<Bytef>(bytes)});
            if (H5Dread_chunk(data, H5P_DEFAULT, corner.data(), &skipped, batch.back().bytes.data()) < 0)
                return fail(hdf5Error("reading", name));
            packed += bytes;
            more = advance(corner, chunks.chunk, zeros, shape);
        }
        std::vector<char> good(batch.size(), 0);
        parallelFor(batch.size(), [&](std::size_t i) {
            std::vector<std::byte> unpacked(chunks.bytes);
            good[i] = unpacks(batch[i].bytes, unpacked);
            if (good[i])
                rows.copy(batch[i].corner, chunks.shuffled ? unshuffled(unpacked, width) : unpacked, out);
        });
        if (const auto bad = std::ranges::find(good, 0); bad != good.end())
            return fail(damagedChunk(name, batch[static_cast<std::size_t>(bad - good.begin())].corner, chunks.bytes));
    }
    return true;
}

} // namespace winnow
