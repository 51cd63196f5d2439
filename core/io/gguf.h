// SPDX-License-Identifier: GPL-3.0-or-later
// GGUF files (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), versions 2 and 3: typed metadata and named tensors,
// most of them quantized in blocks. Trusts nothing it reads.
#pragma once

#include "core/base/result.h"
#include "core/io/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace winnow {

/// How numbers are stored; the values are those of the file.
enum class GgufType : std::uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    BF16 = 30,
};

/// "Q4_K".
std::string_view ggufTypeName(GgufType type);
/// Numbers in a block, and its bytes; 1 and their size for types without blocks.
struct GgufBlock {
    std::size_t numbers = 1, bytes = 0;
};
GgufBlock ggufBlock(GgufType type);

/// Whole numbers of any width are int64 (beyond its range: double); arrays of truth values are whole numbers. Text is borrowed
/// from the file.
using GgufValue = std::variant<bool, std::int64_t, double, std::string_view, std::vector<std::int64_t>, std::vector<double>,
                               std::vector<std::string_view>>;

struct GgufTensorEntry {
    GgufType type{};
    std::vector<std::int64_t> shape; ///< row-major, the last dimension contiguous: the reverse of the file's order
    std::size_t begin = 0, end = 0;  ///< byte range in the file
    std::size_t part = 0;            ///< which file of a model that is split over several, from 0
};

struct GgufTable {
    std::uint32_t version = 0;
    std::map<std::string, GgufValue, std::less<>> metadata;
    std::map<std::string, GgufTensorEntry, std::less<>> tensors;

    /// Null when there is no such key, or it is of another type.
    template <class Value>
    const Value* get(std::string_view key) const
    {
        const auto found = metadata.find(key);
        return found == metadata.end() ? nullptr : std::get_if<Value>(&found->second);
    }
};

/// Pure: the bytes of a whole file in, its table out. Tensors lie inside `file`, aligned, and do not overlap. `where` opens every
/// error sentence. Texts in the table are valid while `file` is.
Result<GgufTable> parseGguf(std::span<const std::byte> file, std::string_view where);

/// Whether a file is named .gguf or begins like one; some programs write GGUF files without an extension.
bool isGguf(const std::filesystem::path& path);

/// The name of one part of a model that llama.cpp's gguf-split cut: "NAME-00002-of-00005.gguf".
struct GgufPartName {
    std::string stem; ///< NAME
    int number = 0;   ///< from 1
    int count = 0;
    friend bool operator==(const GgufPartName&, const GgufPartName&) = default;
};

/// Nothing when the file's name is not of that form.
std::optional<GgufPartName> ggufPartName(const std::filesystem::path& path);

/// The file of part `number` beside `path`, which is one of the parts.
std::filesystem::path ggufPart(const std::filesystem::path& path, const GgufPartName& name, int number);

/// An opened model: one file, or all parts of one that is split. Immutable; any thread may read.
class GgufFile {
public:
    /// `path`: the file, or any of its parts; the others must lie beside it. Errors name the part that is missing, or that does
    /// not belong to the first.
    static Result<std::shared_ptr<const GgufFile>> open(const std::filesystem::path& path);

    /// The metadata of the first part, the tensors of all.
    const GgufTable& table() const { return m_table; }
    std::span<const std::byte> bytes(const GgufTensorEntry& entry) const
    {
        return m_files[entry.part].bytes().subspan(entry.begin, entry.end - entry.begin);
    }
    /// In the order of the parts.
    const std::vector<std::filesystem::path>& paths() const { return m_paths; }

private:
    GgufFile() = default;
    Result<void> add(const std::filesystem::path& path, std::int64_t count);

    std::vector<std::filesystem::path> m_paths;
    std::vector<MappedFile> m_files;
    GgufTable m_table;
};

/// Blocks to numbers, bit for bit what the Python package gguf 0.19 gives. `blocks` holds whole blocks, `out` their numbers.
void dequantize(GgufType type, std::span<const std::byte> blocks, std::span<float> out);

} // namespace winnow
