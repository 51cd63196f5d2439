// SPDX-License-Identifier: GPL-3.0-or-later
// Safetensors files (https://huggingface.co/docs/safetensors): named tensors behind a JSON header. Trusts nothing it reads.
#pragma once

#include "core/base/result.h"
#include "core/io/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

enum class TensorType { Bool, U8, I8, F8E4M3, F8E5M2, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64 };

/// As safetensors writes it: "F32", "BF16", …
std::string_view tensorTypeName(TensorType type);
std::size_t tensorTypeBytes(TensorType type);

struct TensorEntry {
    TensorType type{};
    std::vector<std::int64_t> shape; ///< row-major, the last dimension contiguous; empty = a scalar
    std::size_t begin = 0, end = 0;  ///< byte range in the file; its length is the shape's product times the type's bytes
    friend bool operator==(const TensorEntry&, const TensorEntry&) = default;
};

struct TensorTable {
    std::map<std::string, TensorEntry> tensors;
    std::map<std::string, std::string> metadata; ///< the header's `__metadata__`
};

/// Pure: the bytes of a whole file in, its table out. What it returns lies inside `file`, does not overlap, leaves no gap and
/// no byte over. `where` opens every error sentence.
Result<TensorTable> parseSafetensors(std::span<const std::byte> file, std::string_view where);

/// "4096 × 256"; "scalar" for no dimensions.
std::string shapeText(std::span<const std::int64_t> shape);

/// One tensor of an opened file. `file` keeps the mapping, and thereby `bytes`, alive.
struct MappedTensor {
    TensorType type{};
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes; ///< need not be aligned to the type
    std::shared_ptr<const MappedFile> file;
};

/// The weights of a model folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names. Immutable.
class SafetensorsFolder {
public:
    /// Checks all headers. Errors name the file; a folder with other formats only (pickle .bin, GGUF, …) is told what is missing.
    static Result<SafetensorsFolder> open(const std::filesystem::path& folder);

    /// NotFound names the tensor and the folder.
    Result<MappedTensor> tensor(const std::string& name) const;
    bool contains(const std::string& name) const { return m_tensors.contains(name); }

    std::vector<std::string> names() const;
    /// The files that hold the weights, in the order of their names.
    const std::vector<std::filesystem::path>& files() const { return m_paths; }

private:
    struct Place {
        std::size_t file = 0;
        TensorEntry entry;
    };
    Result<void> add(const std::filesystem::path& path);

    std::filesystem::path m_folder;
    std::vector<std::filesystem::path> m_paths;
    std::vector<std::shared_ptr<const MappedFile>> m_files;
    std::map<std::string, Place> m_tensors;
};

/// Pure: the files that a model.safetensors.index.json names, each the name of a file beside it. `where` opens every error
/// sentence.
Result<std::set<std::string>> parseWeightIndex(std::string_view text, std::string_view where);

/// The files `SafetensorsFolder::open` would read, without opening them (but the index).
Result<std::vector<std::filesystem::path>> weightFiles(const std::filesystem::path& folder);

} // namespace winnow
