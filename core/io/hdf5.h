// SPDX-License-Identifier: GPL-3.0-or-later
// HDF5 files through a small typed interface: RAII handles, one lock for the process, errors as sentences that name file and
// object. Used by the trace (core/trace) and by replay files (core/replay).
#pragma once

#include "core/base/result.h"
#include "core/io/pack_gain.h"

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow {

/// Holds the lock of the HDF5 library (which is not thread-safe everywhere) and keeps it from printing. Recursive.
/// The functions below take it themselves; take it outside only to make several calls one.
class Hdf5Lock {
public:
    Hdf5Lock();

private:
    std::unique_lock<std::recursive_mutex> m_lock;
};

/// Owns one HDF5 identifier.
class Hdf5Id {
public:
    using Close = herr_t (*)(hid_t);
    Hdf5Id() = default;
    Hdf5Id(hid_t id, Close close) : m_id(id), m_close(close) {}
    Hdf5Id(Hdf5Id&& other) noexcept : m_id(std::exchange(other.m_id, H5I_INVALID_HID)), m_close(other.m_close) {}
    Hdf5Id& operator=(Hdf5Id&& other) noexcept;
    ~Hdf5Id() { reset(); }

    explicit operator bool() const { return m_id >= 0; }
    hid_t get() const { return m_id; }
    /// Closes now; false where HDF5 could not (it then failed to write what it still held).
    bool reset();

private:
    hid_t m_id = H5I_INVALID_HID;
    Close m_close = nullptr;
};

/// "1.10.8": of the library this program runs with.
std::string hdf5Version();

using Hdf5Shape = std::vector<hsize_t>;

/// How numbers are laid out in the file or in memory. HDF5 converts between them.
enum class NumberType { UInt8, Int32, Int64, Float16, Float32, Float64 };
template <class T>
constexpr NumberType numberType();
template <>
constexpr NumberType numberType<std::uint8_t>()
{
    return NumberType::UInt8;
}
template <>
constexpr NumberType numberType<std::int32_t>()
{
    return NumberType::Int32;
}
template <>
constexpr NumberType numberType<std::int64_t>()
{
    return NumberType::Int64;
}
template <>
constexpr NumberType numberType<float>()
{
    return NumberType::Float32;
}
template <>
constexpr NumberType numberType<double>()
{
    return NumberType::Float64;
}

/// An open dataset of numbers. Valid on its own: it keeps its file open.
class Hdf5Dataset {
public:
    const std::string& name() const { return m_name; } ///< "file: object", for sentences
    const Hdf5Shape& shape() const { return m_shape; } ///< as it was when opened or last extended
    bool isHalf() const { return m_half; }             ///< stored as little-endian IEEE float16

    /// The box `count` at `begin`, row-major, converted to or from `type`; `data` holds product(count) numbers.
    Result<void> read(std::span<const hsize_t> begin, std::span<const hsize_t> count, NumberType type, void* data) const;
    Result<void> write(std::span<const hsize_t> begin, std::span<const hsize_t> count, NumberType type, const void* data);
    Result<void> extend(const Hdf5Shape& shape);
    Result<void> flush();
    /// Closes now and says what went wrong. The destructor closes too, silently.
    Result<void> close();
    /// A sentence when a part of the array was never written: HDF5 would read made-up zeros there. Counts its chunks, reads none.
    Result<void> checkWritten() const;
    /// A sentence when a chunk of the box [0, extent) was never written or lies beyond the end of a file of `fileBytes`.
    Result<void> checkChunks(const Hdf5Shape& extent, std::uint64_t fileBytes) const;

private:
    friend class Hdf5File;
    bool isStoredAs(NumberType type) const; ///< nothing has to be converted
    Hdf5Id m_id;
    std::string m_name;
    Hdf5Shape m_shape;
    bool m_half = false;
};

template <class T>
struct Hdf5Array {
    Hdf5Shape shape;
    std::vector<T> values; ///< row-major
};

/// How a new dataset is stored. Without chunks it is contiguous and of fixed size.
struct Hdf5Storage {
    Hdf5Shape chunk;
    Hdf5Shape maximum; ///< H5S_UNLIMITED where it may grow; empty = the first shape
    int deflate = 0;   ///< 0…9, needs chunks
};

class Hdf5File {
public:
    enum class Access { Read, ReadWrite };

    /// A new file, in the newest layout when `forSwmr` (needed by startSwmr), else in the one that the oldest readers know.
    /// `called`: by what name sentences call it, where it is to be renamed.
    static Result<Hdf5File> create(const std::filesystem::path& path, bool forSwmr = false,
                                   const std::filesystem::path& called = {});
    /// Access::Read falls back to SWMR reading when the file's writer is alive or was killed; see `openedBesideWriter`. Only what
    /// is a regular file, lies wholly in this file and is not larger than it can hold is opened (core/io/hdf5_walk.h says all
    /// rules); a child process finds out first, since libhdf5 crashes over some damaged files (core/io/hdf5_check.h).
    static Result<Hdf5File> open(const std::filesystem::path& path, Access access = Access::Read);
    /// The same without the check. The child process opens the file so and then calls walk().
    static Result<Hdf5File> openUnwalked(const std::filesystem::path& path, Access access = Access::Read);
    Result<void> walk() const;

    const std::filesystem::path& path() const { return m_path; }
    std::uint64_t bytes() const { return m_bytes; } ///< of the file when it was opened
    bool openedBesideWriter() const { return m_besideWriter; }

    /// From here on no object or attribute can be made; every flush is a point from which a killed file can be read.
    Result<void> startSwmr();
    Result<void> flush();
    Result<void> close();

    bool has(const std::string& object) const;
    Result<std::vector<std::string>> children(const std::string& group) const; ///< names, ascending
    Result<void> makeGroup(const std::string& group);                          ///< and the groups above it

    Result<Hdf5Dataset> createDataset(const std::string& object, NumberType type, const Hdf5Shape& shape,
                                      const Hdf5Storage& storage);
    Result<Hdf5Dataset> dataset(const std::string& object) const;

    /// Whole arrays. `limit`: the most numbers (characters) to accept, against files that claim absurd sizes. `mayBeCut`: parts
    /// that were never written, as at the end of a killed recording, are read as zeros. `deflate`: how hard to pack what is worth
    /// packing (pack_gain.h), 0 … 9.
    template <class T>
    Result<void> writeArray(const std::string& object, std::span<const T> values, const Hdf5Shape& shape, int deflate = 0)
    {
        const bool packs = deflate > 0 && isWorthPacking(std::as_bytes(values));
        return writeNumbers(object, numberType<T>(), values.data(), values.size(), shape, packs ? deflate : 0);
    }
    template <class T>
    Result<Hdf5Array<T>> readArray(const std::string& object, std::uint64_t limit = kDefaultLimit, bool mayBeCut = false) const
    {
        WINNOW_TRY(Hdf5Dataset data, dataset(object));
        WINNOW_TRY(const std::uint64_t count, elements(data, limit));
        if (!mayBeCut)
            WINNOW_TRY_VOID(data.checkWritten());
        Hdf5Array<T> array{data.shape(), std::vector<T>(count)};
        WINNOW_TRY_VOID(data.read(Hdf5Shape(data.shape().size(), 0), data.shape(), numberType<T>(), array.values.data()));
        return array;
    }
    /// The whole array into `out`, which has room for as many numbers as its shape says.
    template <class T>
    Result<void> readInto(const std::string& object, std::span<T> out) const
    {
        WINNOW_TRY(Hdf5Dataset data, dataset(object));
        WINNOW_TRY(const std::uint64_t count, elements(data, out.size()));
        if (count != out.size())
            return fail(ErrorCode::BadInput, "'{}' holds {} numbers, expected {}", data.name(), count, out.size());
        WINNOW_TRY_VOID(data.checkWritten());
        return data.read(Hdf5Shape(data.shape().size(), 0), data.shape(), numberType<T>(), out.data());
    }
    Result<void> writeStrings(const std::string& object, std::span<const std::string> values); ///< [n], UTF-8
    Result<void> writeString(const std::string& object, const std::string& value);             ///< scalar
    /// Fixed or variable strings, scalar or an array of any shape.
    Result<std::vector<std::string>> readStrings(const std::string& object, std::uint64_t limit = kDefaultLimit) const;
    bool isString(const std::string& object) const;

    /// Attributes of "/" or of any group or dataset. Setting replaces an older one.
    Result<void> setAttribute(const std::string& object, const std::string& name, std::int64_t value);
    Result<void> setAttribute(const std::string& object, const std::string& name, double value);
    Result<void> setAttribute(const std::string& object, const std::string& name, const std::string& value);
    /// Nothing where there is none; an error where it is of another kind or holds more than one value. A number read as a string
    /// is an error and the other way round; any width, and HDF5's booleans, count as numbers.
    Result<std::optional<std::int64_t>> intAttribute(const std::string& object, const std::string& name) const;
    Result<std::optional<double>> numberAttribute(const std::string& object, const std::string& name) const;
    Result<std::optional<std::string>> stringAttribute(const std::string& object, const std::string& name) const;
    /// Every attribute as text, numbers printed; those of other kinds are left out.
    Result<std::vector<std::pair<std::string, std::string>>> attributes(const std::string& object) const;

private:
    static constexpr std::uint64_t kDefaultLimit = std::uint64_t{1} << 31;

    Result<std::uint64_t> elements(const Hdf5Dataset& data, std::uint64_t limit) const;
    Result<void> writeNumbers(const std::string& object, NumberType type, const void* values, std::size_t count,
                              const Hdf5Shape& shape, int deflate);
    Result<void> writeStringData(const std::string& object, std::span<const std::string> values, bool scalar);
    Result<void> writeAttribute(const std::string& object, const std::string& name, hid_t type, const void* value);
    Result<Hdf5Id> openAttribute(const std::string& object, const std::string& name) const; ///< an empty Id where there is none
    std::string where(std::string_view object) const;

    std::filesystem::path m_path;
    std::uint64_t m_bytes = 0; ///< of the file when it was opened
    Hdf5Id m_id;
    bool m_besideWriter = false;
};

} // namespace winnow
