// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/file_kind.h"

#include "core/io/gguf.h"
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/regular_file.h"
#include "core/model/config/model_folder.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace winnow {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kHead = 64 * 1024;
constexpr std::array<std::string_view, 8> kModelFiles{
    "config.json",           "generation_config.json", "model.safetensors.index.json", "tokenizer.json",
    "tokenizer_config.json", "tokenizer.model",        "special_tokens_map.json",      "pytorch_model.bin.index.json"};

Result<std::string> head(const fs::path& path)
{
    WINNOW_TRY_VOID(openRegular(path)); // a pipe would wait for its writer
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(ErrorCode::Io, "'{}' cannot be read; check its permissions", path.string());
    std::string bytes(kHead, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

Result<FileKind> modelFileKind(const fs::path& path)
{
    WINNOW_TRY_VOID(resolveModel(modelFolder(path)));
    return FileKind::Model;
}

Result<FileKind> hdf5Kind(const fs::path& path)
{
    WINNOW_TRY(const Hdf5File file, Hdf5File::open(path));
    const auto format = file.stringAttribute("/", "format");
    if (format && *format && **format == "winnow-trace")
        return FileKind::Trace;
    if (file.has("/replays"))
        return FileKind::Replay;
    return fail(ErrorCode::BadInput,
                "'{}' is an HDF5 file but no Winnow trace or replay: it has no attribute format = \"winnow-trace\" and no group "
                "/replays; make one with winnow record",
                path.string());
}

/// What cannot be read is left to the reader of replays, which says why.
FileKind npzKind(const fs::path& path)
{
    const auto file = readNpz(path);
    const bool lifetimes = file && !file->has("policy") && (file->has("evict_step") || file->has("kept.0"));
    return lifetimes ? FileKind::Lifetimes : FileKind::Replay;
}

} // namespace

std::string_view kindName(FileKind kind)
{
    static constexpr std::array<std::string_view, 7> kNames{"model", "text", "trace", "replay", "session", "lifetimes", "folder"};
    return kNames[static_cast<std::size_t>(kind)];
}

Result<FileKind> fileKind(const fs::path& path)
{
    std::error_code error;
    WINNOW_TRY(const bool present, isPresent(path));
    if (!present)
        return fail(ErrorCode::NotFound, "'{}' does not exist; check the path", path.string());
    if (fs::is_directory(path, error))
        return resolveModel(path) ? FileKind::Model : FileKind::Folder;
    if (!fs::is_regular_file(path, error))
        return fail(ErrorCode::BadInput, "'{}' is a device, a FIFO or a socket and no file, so it is not opened", path.string());
    if (const std::string name = path.filename().string();
        std::ranges::find(kModelFiles, name) != kModelFiles.end() || name.ends_with(".safetensors") ||
        (name.ends_with(".bin") && fs::exists(modelFolder(path) / "config.json", error)))
        return modelFileKind(path);
    if (isGguf(path))
        return FileKind::Model;
    const auto read = head(path);
    if (!read)
        return fail(read.error());
    const std::string& bytes = *read;
    if (bytes.rfind("\x89HDF\r\n\x1a\n", 0) == 0) // not starts_with: GCC 12 then warns of bytes that it thinks were never set
        return hdf5Kind(path);
    if (bytes.rfind("PK", 0) == 0 && path.extension() == ".npz")
        return npzKind(path);
    if (path.extension() == ".winnow")
        return FileKind::Session;
    if (path.extension() == ".h5" || path.extension() == ".hdf5")
        return fail(ErrorCode::BadInput, "'{}' is no HDF5 file: it does not begin with HDF5's signature; record it again",
                    path.string());
    if (bytes.find('\0') != std::string::npos)
        return fail(ErrorCode::BadInput, "'{}' is neither a text nor a model, trace, replay or session: it holds NUL bytes",
                    path.string());
    return FileKind::Text;
}

fs::path modelFolder(const fs::path& path)
{
    std::error_code error;
    if (fs::is_directory(path, error) || isGguf(path))
        return path;
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

} // namespace winnow
