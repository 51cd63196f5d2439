// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5.h"

#include "core/base/check.h"
#include "core/io/hdf5_deflate.h"
#include "core/io/hdf5_error.h"
#include "core/io/hdf5_values.h"

#include <algorithm>

namespace winnow {

namespace {

std::recursive_mutex& libraryMutex()
{
    static std::recursive_mutex mutex;
    return mutex;
}

/// The box as a selection of `file`, and a memory space of its shape.
Hdf5Id selectBox(hid_t file, std::span<const hsize_t> begin, std::span<const hsize_t> count)
{
    Hdf5Id memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
    if (!count.empty() && H5Sselect_hyperslab(file, H5S_SELECT_SET, begin.data(), nullptr, count.data(), nullptr) < 0)
        memory.reset();
    return memory;
}

bool isEmpty(std::span<const hsize_t> count) { return std::ranges::find(count, hsize_t{0}) != count.end(); }

} // namespace

Hdf5Lock::Hdf5Lock() : m_lock(libraryMutex())
{
    // A file that cannot be written to its end (full disk) cannot be closed either; HDF5 would crash over it at exit.
    static const bool noExitHandler = H5dont_atexit() >= 0;
    thread_local const bool silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0; // a setting of each thread
    static const bool noPlugins = H5PLset_loading_state(0) >= 0; // a file must not make this process load a library
    static_cast<void>(noExitHandler);
    static_cast<void>(noPlugins);
    static_cast<void>(silenced);
}

std::string hdf5Version()
{
    const Hdf5Lock lock;
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return fmt::format("{}.{}.{}", major, minor, release);
}

Hdf5Id& Hdf5Id::operator=(Hdf5Id&& other) noexcept
{
    if (this != &other) {
        reset();
        m_id = std::exchange(other.m_id, H5I_INVALID_HID);
        m_close = other.m_close;
    }
    return *this;
}

bool Hdf5Id::reset()
{
    if (m_id < 0)
        return true;
    const Hdf5Lock lock;
    return m_close(std::exchange(m_id, H5I_INVALID_HID)) >= 0;
}

// Datasets

Result<void> Hdf5Dataset::read(std::span<const hsize_t> begin, std::span<const hsize_t> count, NumberType type, void* data) const
{
    WINNOW_CHECK(begin.size() == m_shape.size() && count.size() == m_shape.size(), "{}: rank {}", m_name, count.size());
    if (isEmpty(count))
        return {};
    const DeflatedChunks chunks = [this] {
        const Hdf5Lock lock;
        return deflatedChunks(m_id.get());
    }();
    if (chunks.plain && std::ranges::equal(count, m_shape) && isStoredAs(type)) {
        WINNOW_TRY(const bool done, readDeflated(m_id.get(), chunks, m_shape, static_cast<std::byte*>(data), m_name));
        if (done)
            return {};
    }
    const Hdf5Lock lock;
    if (chunks)
        WINNOW_TRY_VOID(checkUnpacked(m_id.get(), chunks, begin, count, m_name));
    const Hdf5Id file(H5Dget_space(m_id.get()), H5Sclose);
    const Hdf5Id memory = selectBox(file.get(), begin, count);
    if (!file || !memory || H5Dread(m_id.get(), memoryType(type), memory.get(), file.get(), H5P_DEFAULT, data) < 0)
        return fail(hdf5Error("reading", m_name));
    return {};
}

bool Hdf5Dataset::isStoredAs(NumberType type) const
{
    const Hdf5Lock lock;
    const Hdf5Id stored(H5Dget_type(m_id.get()), H5Tclose);
    return H5Tequal(stored.get(), memoryType(type)) > 0;
}

Result<void> Hdf5Dataset::write(std::span<const hsize_t> begin, std::span<const hsize_t> count, NumberType type, const void* data)
{
    WINNOW_CHECK(begin.size() == m_shape.size() && count.size() == m_shape.size(), "{}: rank {}", m_name, count.size());
    if (isEmpty(count))
        return {};
    const Hdf5Lock lock;
    const Hdf5Id file(H5Dget_space(m_id.get()), H5Sclose);
    const Hdf5Id memory = selectBox(file.get(), begin, count);
    if (!file || !memory || H5Dwrite(m_id.get(), memoryType(type), memory.get(), file.get(), H5P_DEFAULT, data) < 0)
        return fail(hdf5Error("writing", m_name));
    return {};
}

Result<void> Hdf5Dataset::extend(const Hdf5Shape& shape)
{
    const Hdf5Lock lock;
    if (H5Dset_extent(m_id.get(), shape.data()) < 0)
        return fail(hdf5Error("extending", m_name));
    m_shape = shape;
    return {};
}

Result<void> Hdf5Dataset::flush()
{
    const Hdf5Lock lock;
    if (H5Dflush(m_id.get()) < 0)
        return fail(hdf5Error("writing", m_name));
    return {};
}

Result<void> Hdf5Dataset::close()
{
    const Hdf5Lock lock;
    if (!m_id.reset())
        return fail(hdf5Error("closing", m_name));
    return {};
}

Result<void> Hdf5Dataset::checkWritten() const
{
    if (isEmpty(m_shape))
        return {};
    const Hdf5Lock lock;
    const Hdf5Id properties(H5Dget_create_plist(m_id.get()), H5Pclose);
    if (H5Pget_layout(properties.get()) == H5D_CONTIGUOUS && H5Dget_storage_size(m_id.get()) == 0)
        return fail(ErrorCode::BadInput, "'{}' was never written; copy or record it again", m_name);
    if (H5Pget_layout(properties.get()) != H5D_CHUNKED)
        return {};
    Hdf5Shape chunk(m_shape.size());
    const Hdf5Id space(H5Dget_space(m_id.get()), H5Sclose);
    hsize_t chunks = 1, written = 0;
    if (H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()) < 0 ||
        H5Dget_num_chunks(m_id.get(), space.get(), &written) < 0)
        return fail(hdf5Error("reading the chunks of", m_name));
    bool fewer = false;
    for (std::size_t axis = 0; axis < chunk.size(); ++axis)
        fewer |= __builtin_mul_overflow(chunks, (m_shape[axis] - 1) / chunk[axis] + 1, &chunks); // more than any file has
    if (fewer || written < chunks)
        return fail(ErrorCode::BadInput, "'{}' was never written in {} of its {} chunks; copy or record it again", m_name,
                    chunks - written, chunks);
    return {};
}

Result<void> Hdf5Dataset::checkChunks(const Hdf5Shape& extent, std::uint64_t fileBytes) const
{
    const Hdf5Lock lock;
    const Hdf5Id properties(H5Dget_create_plist(m_id.get()), H5Pclose);
    if (H5Pget_layout(properties.get()) != H5D_CHUNKED || isEmpty(extent))
        return {};
    Hdf5Shape chunk(m_shape.size());
    if (H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()) < 0)
        return fail(hdf5Error("reading the chunk shape of", m_name));
    Hdf5Shape corner(chunk.size(), 0);
    for (;;) {
        unsigned filters = 0;
        haddr_t address = HADDR_UNDEF;
        hsize_t bytes = 0;
        if (H5Dget_chunk_info_by_coord(m_id.get(), corner.data(), &filters, &address, &bytes) < 0)
            return fail(hdf5Error("looking for a chunk of", m_name));
        if (address == HADDR_UNDEF || address + bytes > fileBytes)
            return fail(ErrorCode::BadInput, "'{}' is cut short: its rows at {} are not in the file; copy or record it again",
                        m_name, shapeText(corner));
        std::size_t axis = chunk.size();
        while (axis > 0 && (corner[axis - 1] += chunk[axis - 1]) >= extent[axis - 1])
            corner[--axis] = 0;
        if (axis == 0)
            return {};
    }
}

} // namespace winnow
