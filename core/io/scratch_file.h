// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that the system may write to a disk: a temporary file without a name, mapped.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace winnow {

/// Owns the mapping; the space is taken on the disk when it is made, and free again when this goes or the program ends, however
/// it ends. All bytes begin as 0. Several threads may write different bytes. Moving keeps pointers valid.
class ScratchFile {
public:
    /// `folder`: where the file lies. NoSpace when the disk is full, Io when the system refuses otherwise.
    static Result<ScratchFile> make(std::size_t bytes, const std::filesystem::path& folder);

    ScratchFile(ScratchFile&& other) noexcept;
    ScratchFile& operator=(ScratchFile&& other) noexcept;
    ~ScratchFile();

    std::byte* data() const { return m_data; }
    std::size_t size() const { return m_size; }

private:
    ScratchFile() = default;

    std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// Where large temporary files belong: TMPDIR where that is set, else /var/tmp, which unlike /tmp seldom lies in memory.
std::filesystem::path scratchFolder();

/// Bytes that scratch files may take there: what the disk has left; 0 where the folder lies in memory itself, or cannot be used.
std::uint64_t scratchBytes(const std::filesystem::path& folder);

} // namespace winnow
