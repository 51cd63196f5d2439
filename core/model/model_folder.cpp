#include "core/model/model_folder.h"

#include "core/io/mapped_file.h"
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
    std::string text() const { return fmt::format("{:016x}", m_state); }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
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

/// The snapshot of a Hugging Face cache folder to use; empty when `folder` is none.
fs::path cachedSnapshot(const fs::path& folder)
{
    const fs::path snapshots = folder.filename() == "snapshots" ? folder : folder / "snapshots";
    if (!isFolder(snapshots))
        return {};
    std::string revision;
    if (std::ifstream main(snapshots.parent_path() / "refs" / "main"); main >> revision)
        if (const fs::path path = snapshots / fs::path(revision).filename(); isFile(path / "config.json"))
            return path;
    fs::path newest;
    fs::file_time_type when{};
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(snapshots, ignored)) {
        const auto written = entry.last_write_time(ignored);
        if (isFile(entry.path() / "config.json") && (newest.empty() || written > when)) {
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

Result<fs::path> resolveModelFolder(const fs::path& path)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        return fail(ErrorCode::NotFound,
                    "there is no model at '{}': a folder with config.json, tokenizer.json and safetensors is needed",
                    path.string());
    const fs::path asked = withoutTrailingSlash(path);
    const fs::path folder = isFolder(asked) ? asked : asked.parent_path();
    if (isFile(folder / "config.json"))
        return folder;
    if (const fs::path snapshot = cachedSnapshot(folder); !snapshot.empty())
        return snapshot;
    if (asked.extension() == ".gguf")
        return fail(ErrorCode::BadInput, "'{}' is a GGUF file, which this version does not read; a Hugging Face folder is needed",
                    asked.string());
    return fail(ErrorCode::NotFound, "'{}' has no config.json, so it is no model folder", folder.string());
}

Result<fs::path> resolveModel(const fs::path& path)
{
    return path.extension() == ".gguf" && isFile(path) ? Result<fs::path>(path) : resolveModelFolder(path);
}

Result<ModelConfig> readModelConfig(const fs::path& folder)
{
    const fs::path path = folder / "config.json";
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return parseModelConfig(file.text(), fmt::format("'{}'", path.string()));
}

std::string modelName(const fs::path& folder)
{
    const fs::path full = withoutTrailingSlash(folder);
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

std::string contentHash(std::span<const std::byte> bytes)
{
    Fnv hash;
    hash.add(bytes);
    return hash.text();
}

std::string contentHash(std::string_view text) { return contentHash(std::as_bytes(std::span(text.data(), text.size()))); }

Result<std::string> weightHash(const fs::path& folder)
{
    WINNOW_TRY(const std::vector<fs::path> paths, weightFiles(folder));
    Fnv hash;
    for (const fs::path& path : paths) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        addSampled(hash, file.bytes());
    }
    return hash.text();
}

Result<std::string> tokenizerHash(const fs::path& folder)
{
    WINNOW_TRY(const MappedFile file,
               MappedFile::open(folder / (isFile(folder / "tokenizer.json") ? "tokenizer.json" : "tokenizer.model")));
    return contentHash(file.bytes());
}

} // namespace winnow
