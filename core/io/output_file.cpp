// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/output_file.h"

#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "core/io/folder_entries.h"
#include "core/io/hdf5.h"
#include "core/io/mapped_file.h"

#include <zip.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace winnow {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n", kPng = "\x89PNG\r\n\x1a\n";

std::optional<WrittenKind> hdf5Kind(const fs::path& path)
{
    const auto file = Hdf5File::open(path);
    if (!file)
        return std::nullopt;
    const auto format = file->stringAttribute("/", "format");
    if (!format || !*format)
        return std::nullopt;
    return **format == "winnow-trace"    ? std::optional(WrittenKind::Trace)
           : **format == "winnow-replay" ? std::optional(WrittenKind::Replay)
           : **format == "winnow-table"  ? std::optional(WrittenKind::Numbers)
                                         : std::nullopt;
}

std::optional<WrittenKind> zipKind(const fs::path& path)
{
    zip_t* zip = zip_open(path.c_str(), ZIP_RDONLY, nullptr);
    if (!zip)
        return std::nullopt;
    const bool ours = zip_name_locate(zip, "manifest.npy", 0) >= 0, replay = zip_name_locate(zip, "evict_step.0.npy", 0) >= 0;
    zip_discard(zip);
    return !ours ? std::nullopt : std::optional(replay ? WrittenKind::Replay : WrittenKind::Numbers);
}

/// Manifest lines: "# key: value", with a key that all of ours have.
bool isTable(std::string_view text)
{
    while (text.starts_with("# ")) {
        const std::string_view line = text.substr(2, text.find('\n') - 2);
        for (const std::string_view key : {"loop: ", "format: winnow-", "winnow: ", "figure: "})
            if (line.starts_with(key))
                return true;
        const std::size_t end = text.find('\n');
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return false;
}

bool isPicture(std::string_view bytes)
{
    const auto holds = [&](std::string_view words) { return bytes.find(words) != std::string_view::npos; };
    if (bytes.starts_with(kPng))
        return holds(std::string_view("Software\0Winnow", 15)) ||
               holds(std::string_view("tEXtfigure\0", 11)); // or else which figure it is
    if (bytes.starts_with("%PDF-"))
        return holds("Winnow") || holds(std::string_view("\0W\0i\0n\0n\0o\0w", 12)); // its creator, as Latin-1 or UTF-16
    if (bytes.starts_with("GIF89a"))
        return holds(std::string_view("\x06Winnow\0", 8)); // its comment
    return bytes.starts_with("<?xml") && holds("urn:winnow:manifest");
}

/// `path`, or the files in the folder `path`.
std::vector<fs::path> filesAt(const fs::path& path)
{
    std::error_code error;
    return fs::is_directory(path, error) ? folderEntries(path) : std::vector{path};
}

} // namespace

std::string_view writtenKindName(WrittenKind kind)
{
    static constexpr std::array<std::string_view, 9> kNames{"recording",       "replay",  "table of numbers",
                                                            "picture",         "session", "set of examples",
                                                            "file of answers", "report",  "file of a sweep"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<WrittenKind> writtenKind(const fs::path& path)
{
    const auto file = MappedFile::open(path);
    if (!file)
        return std::nullopt;
    const std::string_view bytes = file->text();
    if (bytes.starts_with(kHdf5))
        return hdf5Kind(path);
    if (bytes.starts_with("PK"))
        return zipKind(path);
    if (isTable(bytes) || bytes.starts_with("{\n \"format\": \"winnow-scores\"") ||
        bytes.starts_with("{\n \"format\": \"winnow-perplexity\""))
        return WrittenKind::Numbers;
    if (bytes.starts_with("{\"winnow_example\":1,"))
        return WrittenKind::Examples;
    if (bytes.starts_with("{\"winnow\":1,"))
        return WrittenKind::Answers;
    if (bytes.starts_with("{\"winnow_sweep\":1,"))
        return WrittenKind::Cells;
    if (isPicture(bytes))
        return WrittenKind::Picture;
    if (bytes.starts_with("<!DOCTYPE html>") && bytes.substr(0, 2000).find("content=\"Winnow report\"") != std::string_view::npos)
        return WrittenKind::Report;
    if (bytes.starts_with("{") && bytes.find("\"winnow-session\"") != std::string_view::npos)
        return WrittenKind::Session;
    return std::nullopt;
}

bool isSameFile(const fs::path& a, const fs::path& b)
{
    struct stat one {
    }, other{};
    return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

Result<void> checkOutput(const fs::path& path, std::span<const fs::path> inputs, std::optional<WrittenKind> kind)
{
    WINNOW_TRY_VOID(checkWritable(path));
    WINNOW_TRY(const fs::path target, linkTarget(path));
    for (const fs::path& input : inputs)
        for (const fs::path& file : filesAt(input)) {
            if (isSameFile(target, file))
                return fail(ErrorCode::BadInput, "'{}' is to be written, and it is '{}', which is read; choose another name",
                            path.string(), file.string());
            if (kind == WrittenKind::Trace && isSameFile(partPath(target), file))
                return fail(ErrorCode::BadInput, "'{}' would grow in '{}', which is read; choose another name", path.string(),
                            file.string());
        }
    std::error_code error;
    if (!kind || !fs::exists(target, error) || fs::file_size(target, error) == 0)
        return {};
    const auto found = writtenKind(target);
    if (found == kind)
        return {};
    return fail(ErrorCode::BadInput,
                "'{}' is there already and is {}, not a {} of Winnow's, so it is not replaced; move it away or choose another "
                "name",
                path.string(), found ? fmt::format("a {}", writtenKindName(*found)) : "a file of another kind",
                writtenKindName(*kind));
}

std::string extensionOf(const fs::path& path)
{
    std::string extension = path.extension().string();
    if (!extension.empty())
        extension.erase(0, 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return extension;
}

} // namespace winnow
