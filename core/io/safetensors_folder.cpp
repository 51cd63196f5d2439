// SPDX-License-Identifier: GPL-3.0-or-later
// The folder side of safetensors.h: one file or shards, and what to say when there are none.
#include "core/io/folder_entries.h"
#include "core/io/json.h"
#include "core/io/safetensors.h"

#include <algorithm>
#include <system_error>

namespace winnow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

/// Why there is nothing to read in a folder without safetensors.
tl::unexpected<Error> nothingToRead(const fs::path& folder)
{
    bool pickle = false, gguf = false, other = false;
    for (const fs::path& file : folderEntries(folder)) {
        const std::string extension = file.extension().string();
        pickle = pickle || extension == ".bin" || extension == ".pt" || extension == ".pth";
        gguf = gguf || extension == ".gguf";
        other = other || extension == ".safetensors";
    }
    if (other)
        return fail(ErrorCode::NotFound, "'{}' has safetensors files, but neither {} nor {}, which says what is where",
                    folder.string(), kSingle, kIndex);
    if (pickle)
        return fail(ErrorCode::NotFound,
                    "'{}' has its weights as pickle files (.bin), which can run code when opened and are not read; convert them "
                    "with transformers: save_pretrained(…, safe_serialization=True)",
                    folder.string());
    if (gguf)
        return fail(ErrorCode::NotFound, "'{}' has its weights as GGUF files; give the one to open", folder.string());
    return fail(ErrorCode::NotFound, "'{}' has no weights: expected {} or {}", folder.string(), kSingle, kIndex);
}

} // namespace

Result<std::set<std::string>> parseWeightIndex(std::string_view text, std::string_view where)
{
    WINNOW_TRY(const nlohmann::json index, parseJson(text, where, {.maxBytes = 64 << 20, .maxDepth = 8}));
    if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object())
        return fail(ErrorCode::BadInput, "{} has no object 'weight_map'", where);
    std::set<std::string> shards;
    for (const auto& [tensor, shard] : index["weight_map"].items()) {
        if (!shard.is_string())
            return fail(ErrorCode::BadInput, "{}: the file of tensor '{}' is no text", where, tensor);
        const std::string name = shard.get<std::string>();
        if (name.empty() || fs::path(name).filename() != fs::path(name) || name == "." || name == "..")
            return fail(ErrorCode::BadInput, "{}: the file of tensor '{}' is '{}', not the name of a file beside it", where,
                        tensor, name);
        shards.insert(name);
    }
    if (shards.empty())
        return fail(ErrorCode::BadInput, "{} names no weights", where);
    return shards;
}

Result<std::vector<fs::path>> weightFiles(const fs::path& folder)
{
    std::error_code ignored;
    if (fs::exists(folder / kSingle, ignored))
        return std::vector{folder / kSingle};
    const fs::path indexPath = folder / kIndex;
    if (!fs::exists(indexPath, ignored))
        return nothingToRead(folder);
    WINNOW_TRY(const MappedFile index, MappedFile::open(indexPath));
    WINNOW_TRY(const auto shards, parseWeightIndex(index.text(), fmt::format("'{}'", indexPath.string())));
    std::vector<fs::path> paths;
    for (const std::string& name : shards)
        paths.push_back(folder / name);
    return paths;
}

Result<void> SafetensorsFolder::add(const fs::path& path)
{
    WINNOW_TRY(MappedFile mapped, MappedFile::open(path));
    auto file = std::make_shared<const MappedFile>(std::move(mapped));
    WINNOW_TRY(TensorTable table, parseSafetensors(file->bytes(), fmt::format("'{}'", path.string())));
    for (auto& [name, entry] : table.tensors) {
        const auto [at, fresh] = m_tensors.try_emplace(name, Place{m_files.size(), std::move(entry)});
        if (!fresh)
            return fail(ErrorCode::BadInput, "'{}' and '{}' both hold the tensor '{}'", m_paths[at->second.file].string(),
                        path.string(), name);
    }
    m_paths.push_back(path);
    m_files.push_back(std::move(file));
    return {};
}

Result<SafetensorsFolder> SafetensorsFolder::open(const fs::path& folder)
{
    WINNOW_TRY(const std::vector<fs::path> paths, weightFiles(folder));
    SafetensorsFolder weights;
    weights.m_folder = folder;
    for (const fs::path& path : paths)
        WINNOW_TRY_VOID(weights.add(path));
    return weights;
}

Result<MappedTensor> SafetensorsFolder::tensor(const std::string& name) const
{
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end())
        return fail(ErrorCode::NotFound, "the weights in '{}' lack the tensor '{}'", m_folder.string(), name);
    const Place& place = found->second;
    const auto& file = m_files[place.file];
    return MappedTensor{place.entry.type, place.entry.shape,
                        file->bytes().subspan(place.entry.begin, place.entry.end - place.entry.begin), file};
}

std::vector<std::string> SafetensorsFolder::names() const
{
    std::vector<std::string> result;
    for (const auto& [name, place] : m_tensors)
        result.push_back(name);
    return result;
}

} // namespace winnow
