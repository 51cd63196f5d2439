// SPDX-License-Identifier: GPL-3.0-or-later
// NumPy's .npz files: a zip of .npy arrays. Plain numbers and fixed-width Unicode strings; nothing pickled is written or read.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// One array as it lies in an .npy file: `descr` as NumPy writes it ("<f4", "<i4", "|u1", "<U12"), C order.
struct NpyArray {
    std::string descr;
    std::vector<std::size_t> shape;
    std::vector<std::byte> bytes;

    std::size_t count() const; ///< product of the shape; 1 for a scalar
};

/// What an .npy file says before its data.
struct NpyHeader {
    std::string descr;
    std::vector<std::size_t> shape;
    std::size_t bytes = 0;       ///< of the header itself: the data begin there
    std::uint64_t dataBytes = 0; ///< what descr and shape need; no overflow
    std::size_t count = 1;       ///< product of the shape; 1 for a scalar
};

/// Pure, trusts nothing. `start`: the file up to the end of its header or beyond, 64 KiB at most. `name` is for the error.
Result<NpyHeader> parseNpyHeader(std::span<const std::byte> start, std::string_view name);

/// The element types of arrays; `std::string` stands for fixed-width Unicode.
template <class T>
constexpr std::string_view npyDescr();
template <>
constexpr std::string_view npyDescr<std::uint8_t>()
{
    return "|u1";
}
template <>
constexpr std::string_view npyDescr<std::int32_t>()
{
    return "<i4";
}
template <>
constexpr std::string_view npyDescr<std::int64_t>()
{
    return "<i8";
}
template <>
constexpr std::string_view npyDescr<float>()
{
    return "<f4";
}
template <>
constexpr std::string_view npyDescr<double>()
{
    return "<f8";
}

/// An .npy file from bytes: pure, trusts nothing. `name` is for the error.
Result<NpyArray> parseNpy(std::span<const std::byte> file, std::string_view name);
std::vector<std::byte> formatNpy(const NpyArray& array);

/// Collects arrays, then writes them at once. The file is replaced only by a complete one.
class NpzWriter {
public:
    explicit NpzWriter(std::filesystem::path out);
    ~NpzWriter();
    NpzWriter(const NpzWriter&) = delete;
    NpzWriter& operator=(const NpzWriter&) = delete;

    /// Goes before the names of everything that is added from now on.
    void setPrefix(std::string prefix) { m_prefix = std::move(prefix); }

    /// `values` are copied. `name` as np.load gives it ("mass.0"); each once. product(shape) values.
    template <class T>
    void add(const std::string& name, std::span<const T> values, std::vector<std::size_t> shape)
    {
        addBytes(name, std::string(npyDescr<T>()), std::move(shape), values.size(), std::as_bytes(values));
    }
    template <class T>
    void add(const std::string& name, const std::vector<T>& values, std::vector<std::size_t> shape)
    {
        add(name, std::span<const T>(values), std::move(shape));
    }
    /// A 0-dimensional array.
    template <class T>
    void addScalar(const std::string& name, T value)
    {
        add(name, std::span<const T>(&value, 1), {});
    }
    /// UTF-8 in; as wide as the longest. Bytes that are not UTF-8 become U+FFFD.
    void addStrings(const std::string& name, std::span<const std::string> values); ///< [n]
    void addString(const std::string& name, const std::string& value);             ///< 0-dimensional

    /// Writes everything, compressed. Once.
    Result<void> finish();

private:
    void addBytes(const std::string& name, std::string descr, std::vector<std::size_t> shape, std::size_t elements,
                  std::span<const std::byte> bytes);

    std::filesystem::path m_out;
    std::string m_prefix;
    std::vector<std::pair<std::string, std::vector<std::byte>>> m_files; ///< name with ".npy", content
};

/// An .npz file, opened for reading: headers are read and checked at once, arrays when they are asked for. Copies share the open
/// archive; one thread at a time.
class NpzFile {
public:
    /// The same file with an archive of its own, for another thread. Its headers are not read again.
    Result<NpzFile> reopened() const;

    const std::filesystem::path& path() const { return m_path; }
    std::uint64_t bytes() const { return m_bytes; } ///< of the file
    bool has(const std::string& name) const { return m_members.contains(name); }
    std::vector<std::string> names() const;

    /// Numbers of exactly this type; the error names array, type found and type expected. Another array of whole numbers is
    /// converted where every value fits, float32 where double is asked for and the other way round too.
    template <class T>
    Result<std::vector<T>> numbers(const std::string& name) const;
    /// The same into `out`, which has room for as many as the array's shape says.
    template <class T>
    Result<void> numbersInto(const std::string& name, std::span<T> out) const;
    Result<std::vector<std::string>> strings(const std::string& name) const; ///< UTF-8; trailing NULs are padding
    Result<std::vector<std::size_t>> shape(const std::string& name) const;
    Result<std::string> descr(const std::string& name) const; ///< "<i4"

private:
    friend Result<NpzFile> readNpz(const std::filesystem::path& path);
    struct Archive;
    struct Member {
        std::uint64_t index = 0;
        NpyHeader header;
    };
    Result<const Member*> member(const std::string& name) const;
    /// Unpacks the data block by block into `take`, which gets whole elements of `width` bytes and says whether it can use them.
    template <class Take>
    Result<bool> unpack(const std::string& name, const Member& member, std::size_t width, const Take& take) const;

    std::filesystem::path m_path;
    std::uint64_t m_bytes = 0;
    std::shared_ptr<Archive> m_archive;
    std::map<std::string, Member> m_members;
};

/// Opens the file and reads the headers of its arrays. Members are stored or deflated and hold what their headers say; all
/// together unpack to kNpzPlain bytes, or to kNpzRatio times the file, at most.
Result<NpzFile> readNpz(const std::filesystem::path& path);

inline constexpr std::uint64_t kNpzPlain = std::uint64_t{512} << 20, kNpzRatio = 64; ///< as for HDF5, see core/io/hdf5_walk.h

} // namespace winnow
