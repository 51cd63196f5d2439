// Files that are replaced only by complete ones: written beside as NAME.part, then renamed over.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace winnow {

/// The name under which `target` is written until it is complete.
std::filesystem::path partPath(const std::filesystem::path& target);

/// Guards the part file of one output: removes it unless commit() was reached.
/// The caller writes part() with whatever library, closes it, then commits.
class AtomicFile {
public:
    /// A sentence when `target` cannot be written; nothing is made yet.
    static Result<AtomicFile> prepare(const std::filesystem::path& target);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    ~AtomicFile();

    const std::filesystem::path& part() const { return m_part; }
    const std::filesystem::path& target() const { return m_target; }
    /// Renames the part file over the target, which is the old file or the new one, never less: where there is an old one, the new
    /// one is pushed to the disk before (seconds for a large trace on a slow disk).
    Result<void> commit();

private:
    AtomicFile(std::filesystem::path target, std::filesystem::path part);
    void discard();

    std::filesystem::path m_target, m_part; ///< m_part is empty once committed or moved from
};

/// The whole of a small file at once (csv, svg, session).
Result<void> writeFileAtomically(const std::filesystem::path& target, std::string_view content);

} // namespace winnow
