// SPDX-License-Identifier: GPL-3.0-or-later
// How every output file is written: into a part file in the same folder, which belongs to one writer, and then renamed over the
// old file.
#pragma once

#include "core/base/result.h"
#include "core/io/file_lock.h"
#include "core/io/half_made.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace winnow {

/// The name under which a recording to `target` grows, for all to read: "`target`.part", cut where that would be too long.
std::filesystem::path partPath(const std::filesystem::path& target);

/// Guards the part file of one output: removes it unless commit() was reached.
///
/// A target that is a link stays one, and what it leads to is written, also where that does not exist yet. A new file gets the
/// mode of the one that it replaces (and its owner, where this user may give that), or what the umask leaves of 0666. Part files
/// are made exclusively, so no link that somebody planted is followed.
class AtomicFile {
public:
    /// Makes an empty part file under a name of its own, NAME.xxxxxxxx.winnow-part. Part files that dead writers of `target` left
    /// behind are removed. A sentence when `target` cannot be written. The caller writes part() with whatever library (which has
    /// to write into the file that is there), closes it, then commits.
    static Result<AtomicFile> prepare(const std::filesystem::path& target);

    /// Claims partPath(target) for this writer alone; refused at once, naming the process, while another one has it. What a dead
    /// writer left there stays as it is until takeIn(): see holdsUnfinished(). A file there that is no recording is never
    /// touched.
    static Result<AtomicFile> claim(const std::filesystem::path& target);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    ~AtomicFile();

    const std::filesystem::path& part() const { return m_part; }
    const std::filesystem::path& target() const { return m_target; } ///< links resolved
    /// After claim(): part() is still the recording of a dead writer.
    bool holdsUnfinished() const { return !m_made; }

    /// Appends to the part file.
    Result<void> write(std::string_view bytes);
    /// Replaces part() by `next`, which was prepared for part(), and goes on writing there.
    Result<void> takeIn(AtomicFile next);
    /// Renames the part file over the target. Even after a crash the target is the whole old file or the whole new one: where
    /// there is an old file, the new one is first synced to the disk (seconds for a large trace on a slow disk).
    Result<void> commit();

private:
    AtomicFile(std::filesystem::path target, std::filesystem::path part, FileDescriptor file, bool made);
    static Result<AtomicFile> claimOnce(const std::filesystem::path& target);
    void discard();
    void own(FileDescriptor file); ///< part() was just made, and `file` is it; nothing where it could not be made
    void disown();                 ///< part() is no more, or somebody else's

    std::filesystem::path m_target, m_part; ///< m_part is empty once committed or moved from
    FileDescriptor m_file;                  ///< of the part file, with the writer's lock
    bool m_made = true;                     ///< the part file is ours to remove
    HalfMade m_mark;                        ///< while it is
};

/// The whole of a small file at once (csv, svg, session).
Result<void> writeFileAtomically(const std::filesystem::path& target, std::string_view content);

/// Copies `from` over `target`.
Result<void> copyFileAtomically(const std::filesystem::path& from, const std::filesystem::path& target);

} // namespace winnow
