// SPDX-License-Identifier: GPL-3.0-or-later
// Whether an output file may be written. Inputs, and files that Winnow did not write, are never replaced. AtomicFile
// (atomic_file.h) does the writing.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace winnow {

/// What Winnow writes.
enum class WrittenKind { Trace, Replay, Numbers, Picture, Session, Examples, Answers, Report, Cells };

/// "recording", "replay", "table of numbers", "picture", "session", "set of examples", "file of answers", "report",
/// "file of a sweep".
std::string_view writtenKindName(WrittenKind kind);

/// What a file that Winnow wrote holds, told from its content; nothing where Winnow (or a recorder of its format) did not write
/// it.
std::optional<WrittenKind> writtenKind(const std::filesystem::path& path);

/// Whether both lead to one file: through links of either kind, or written differently.
bool isSameFile(const std::filesystem::path& a, const std::filesystem::path& b);

/// A sentence when no file may be written at `path`: checkWritable() refuses it; it is one of the `inputs` (of a folder among
/// them, one of the files in it), or what is there already has content that is no `kind` of Winnow's. Without `kind`, anything
/// may be replaced, for callers that have asked the user. Call it before the work.
Result<void> checkOutput(const std::filesystem::path& path, std::span<const std::filesystem::path> inputs,
                         std::optional<WrittenKind> kind);

/// The extension in lower case, without its dot: "npz".
std::string extensionOf(const std::filesystem::path& path);

} // namespace winnow
