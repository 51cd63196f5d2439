// SPDX-License-Identifier: GPL-3.0-or-later
// What a path holds, told from its content and not from its name: the command line, drag and drop and File > Open ask alike.
#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace winnow {

/// Lifetimes: an .npz file for the policy `given`. Folder: one in which no model is found; `resolveModel` says why.
enum class FileKind { Model, Text, Trace, Replay, Session, Lifetimes, Folder };

/// "model", "text", "trace", "replay", "session", "lifetimes", "folder".
std::string_view kindName(FileKind kind);

/// Reads at most 64 kB and one attribute. Errors are sentences: nothing there, an HDF5 file that is neither trace nor
/// replay, bytes that are no text.
Result<FileKind> fileKind(const std::filesystem::path& path);

/// The folder of a model, given the folder or any file of it; a GGUF file as it is.
std::filesystem::path modelFolder(const std::filesystem::path& path);

} // namespace winnow
