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

/// The element types of arrays; `std::string` stands for fixed-width Unicode.
template <class T>
constexpr std::string_view npyDescr();
template <> constexpr std::string_view npyDescr<std::uint8_t>() { return "|u1"; }
template <> constexpr std::string_view npyDescr<std::int32_t>() { return "<i4"; }
template <> constexpr std::string_view npyDescr<std::int64_t>() { return "<i8"; }
template <> constexpr std::string_view npyDescr<float>() { return "<f4"; }
template <> constexpr std::string_view npyDescr<double>() { return "<f8"; }

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

/// The arrays of an .npz file, all in memory.
class NpzFile {
public:
    const std::filesystem::path& path() const { return m_path; }
    bool has(const std::string& name) const { return m_arrays.contains(name); }
    std::vector<std::string> names() const;
    Result<const NpyArray*> array(const std::string& name) const; ///< lives as long as this object

    /// Numbers of exactly this type; the error names array, type found and type expected. Another array of whole numbers is
    /// converted where every value fits, float32 where double is asked for and the other way round too.
    template <class T>
    Result<std::vector<T>> numbers(const std::string& name) const;
    Result<std::vector<std::string>> strings(const std::string& name) const; ///< UTF-8; trailing NULs are padding
    Result<std::vector<std::size_t>> shape(const std::string& name) const;

private:
    friend Result<NpzFile> readNpz(const std::filesystem::path& path);
    std::filesystem::path m_path;
    std::map<std::string, NpyArray> m_arrays;
};

Result<NpzFile> readNpz(const std::filesystem::path& path);

} // namespace winnow
