// SPDX-License-Identifier: GPL-3.0-or-later
// A file's bytes as memory, read-only, without reading them.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace winnow {

/// Owns the mapping; views are valid while it lives (moving keeps them valid). Any thread may read. Pages are read from disk
/// when they are first touched. If another process truncates the file meanwhile, reading it ends this program (SIGBUS), as with
/// any mmap.
class MappedFile {
public:
    /// NotFound when there is no such file, BadInput for what is not a regular file, Io when the system refuses.
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_size}; }

private:
    MappedFile() = default;

    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

} // namespace winnow
