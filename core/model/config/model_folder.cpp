// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/model_folder.h"

#include "core/io/gguf.h"
#include "core/io/mapped_file.h"
#include "core/io/regular_file.h"
#include "core/io/safetensors.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace winnow {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCachePrefix = "models--";

class Fnv {
public:
    void add(std::span<const std::byte> bytes)
    {
        for (const std::byte each : bytes)
            m_state = (m_state ^ std::to_integer<std::uint64_t>(each)) * 0x100000001b3ULL;
    }
    void add(std::uint64_t number) { add(std::as_bytes(std::span(&number, 1))); }
    void add(std::string_view text)
    {
        add(text.size());
        add(std::as_bytes(std::span(text)));
    }
    std::string text() const { return fmt::format("{:016x}", m_state); }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
};

/// One value of a GGUF file's metadata.
struct HashValue {
    Fnv& hash;
    void operator()(std::string_view text) const { hash.add(text); }
    void operator()(const std::vector<std::string_view>& texts) const
    {
        for (const std::string_view text : texts)
            hash.add(text);
    }
    template <class Number>
    void operator()(const std::vector<Number>& numbers) const
    {
        hash.add(std::as_bytes(std::span(numbers)));
    }
    void operator()(auto number) const { hash.add(std::as_bytes(std::span(&number, 1))); }
};

bool isFile(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool isFolder(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

/// The file itself, or part 1 of a model that is split over several.
fs::path firstPart(const fs::path& path)
{
    const auto name = ggufPartName(path);
    return name ? ggufPart(path, *name, 1) : path;
}

/// The GGUF files in `folder` that could be a model, in the order of their names: not those of the part that sees pictures; of a
/// split model the first part, be it there or not.
std::vector<fs::path> ggufFiles(const fs::path& folder)
{
    std::vector<fs::path> paths;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".gguf" && entry.path().filename().string().find("mmproj") == std::string::npos)
            paths.push_back(firstPart(entry.path()));
    std::ranges::sort(paths);
    paths.erase(std::ranges::unique(paths).begin(), paths.end());
    return paths;
}

bool holdsModel(const fs::path& folder) { return isFile(folder / "config.json") || !ggufFiles(folder).empty(); }

/// The snapshot of a Hugging Face cache folder to use; empty when `folder` is none.
fs::path cachedSnapshot(const fs::path& folder)
{
    const fs::path snapshots = folder.filename() == "snapshots" ? folder : folder / "snapshots";
    if (!isFolder(snapshots))
        return {};
    std::string revision;
    if (std::ifstream main(snapshots.parent_path() / "refs" / "main"); main >> revision)
        if (const fs::path path = snapshots / fs::path(revision).filename(); holdsModel(path))
            return path;
    fs::path newest;
    fs::file_time_type when{};
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(snapshots, ignored)) {
        const auto written = entry.last_write_time(ignored);
        if (holdsModel(entry.path()) && (newest.empty() || written > when)) {
            newest = entry.path();
            when = written;
        }
    }
    return newest;
}

fs::path withoutTrailingSlash(const fs::path& path)
{
    std::error_code ignored;
    const fs::path full = fs::absolute(path, ignored).lexically_normal();
    return full.has_filename() ? full : full.parent_path();
}

void addSampled(Fnv& hash, std::span<const std::byte> bytes)
{
    constexpr std::size_t kMiB = 1 << 20, kBlock = 1 << 16, kBlocks = 62;
    if (bytes.size() <= 64 * kMiB) {
        hash.add(bytes);
        return;
    }
    hash.add(bytes.size());
    hash.add(bytes.first(kMiB));
    for (std::size_t i = 0; i < kBlocks; ++i)
        hash.add(bytes.subspan((bytes.size() - kBlock) / (kBlocks + 1) * (i + 1), kBlock));
    hash.add(bytes.last(kMiB));
}

} // namespace

Result<fs::path> resolveModel(const fs::path& path)
{
    constexpr std::string_view kWanted =
        "give a Hugging Face folder with config.json, tokenizer.json and safetensors, or a GGUF file";
    WINNOW_TRY(const bool present, isPresent(path));
    if (!present)
        return fail(
            ErrorCode::NotFound,
            "there is no model at '{}': a GGUF file or a folder with config.json, tokenizer.json and safetensors is needed",
            path.string());
    const fs::path asked = withoutTrailingSlash(path);
    const auto whole = [](const fs::path& gguf) -> Result<fs::path> {
        if (isFile(firstPart(gguf)))
            return firstPart(gguf);
        return fail(ErrorCode::NotFound, "'{}' is missing: the model is split into {} parts, which must lie in one folder",
                    firstPart(gguf).string(), ggufPartName(gguf)->count);
    };
    if (isGguf(asked))
        return whole(asked);
    const fs::path folder = isFolder(asked) ? asked : asked.parent_path();
    const fs::path snapshot = cachedSnapshot(folder);
    const fs::path& place = snapshot.empty() ? folder : snapshot;
    const bool configured = isFile(place / "config.json");
    if (configured && weightFiles(place))
        return place;
    const std::vector<fs::path> files = ggufFiles(place);
    if (files.size() == 1)
        return whole(files.front());
    if (configured)
        return place; // what there is in place of safetensors has sentences of its own
    if (!files.empty())
        return fail(ErrorCode::BadInput, "'{}' holds {} models as GGUF; give one of their files, such as '{}'", place.string(),
                    files.size(), files.front().filename().string());
    std::error_code refused;
    if (fs::directory_iterator(folder, refused); refused)
        return fail(ErrorCode::Io, "the folder '{}' cannot be read: {}", folder.string(), refused.message());
    if (!isFolder(asked))
        return fail(ErrorCode::NotFound, "'{}' is no GGUF file, and its folder has no config.json and no GGUF file; {}",
                    path.string(), kWanted);
    return fail(ErrorCode::NotFound, "'{}' has no config.json and no GGUF file, so it is no model folder; {}", folder.string(),
                kWanted);
}

std::string modelName(const fs::path& model)
{
    const fs::path full = withoutTrailingSlash(model);
    if (isGguf(full)) {
        const auto part = ggufPartName(full);
        return part ? part->stem : full.stem().string();
    }
    for (fs::path each = full; each.has_filename(); each = each.parent_path()) {
        std::string name = each.filename().string();
        if (!name.starts_with(kCachePrefix))
            continue;
        name.erase(0, kCachePrefix.size());
        for (std::size_t at; (at = name.find("--")) != std::string::npos;) {
            name.erase(at, 1);
            name[at] = '/';
        }
        return name;
    }
    return full.filename().string();
}

Result<std::vector<fs::path>> modelFiles(const fs::path& model)
{
    if (!isGguf(model))
        return weightFiles(model);
    const auto name = ggufPartName(model);
    std::vector<fs::path> parts;
    for (int number = 1; name && number <= name->count; ++number)
        parts.push_back(ggufPart(model, *name, number));
    return name ? parts : std::vector{model};
}

std::string contentHash(std::span<const std::byte> bytes)
{
    Fnv hash;
    hash.add(bytes);
    return hash.text();
}

std::string contentHash(std::string_view text) { return contentHash(std::as_bytes(std::span(text.data(), text.size()))); }

Result<std::string> weightHash(const fs::path& model)
{
    WINNOW_TRY(const std::vector<fs::path> paths, modelFiles(model));
    Fnv hash;
    for (const fs::path& path : paths) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        addSampled(hash, file.bytes());
    }
    return hash.text();
}

Result<std::string> tokenizerHash(const fs::path& model)
{
    if (isGguf(model)) {
        WINNOW_TRY(const auto file, GgufFile::open(model));
        Fnv hash;
        for (const auto& [key, value] : file->table().metadata)
            if (key.starts_with("tokenizer."))
                std::visit(HashValue{hash}, value);
        return hash.text();
    }
    WINNOW_TRY(const MappedFile file,
               MappedFile::open(model / (isFile(model / "tokenizer.json") ? "tokenizer.json" : "tokenizer.model")));
    return contentHash(file.bytes());
}

} // namespace winnow
