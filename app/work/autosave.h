// SPDX-License-Identifier: GPL-3.0-or-later
// The session of a window that was not closed in order: written while one works, gone when the window closes, offered when
// Winnow starts the next time after a crash.
#pragma once

#include "app/work/session.h"
#include "views/state/latest_job.h"

#include <QDateTime>
#include <QLockFile>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

namespace winnow::app {

/// Where unsaved sessions are kept: $XDG_STATE_HOME/winnow, else "state" in the folder of the application's data.
std::filesystem::path stateFolder();

/// A session that a Winnow left behind which does not run any more. Holds its lock: no other window offers it too.
struct Leftover {
    std::filesystem::path file;
    QDateTime written;
    std::unique_ptr<QLockFile> lock;
};
/// The newest one in the folder, if there is any.
std::optional<Leftover> findLeftover(const std::filesystem::path& folder);
void discard(Leftover leftover);

/// Keeps one window's session in a file of its own, "unsaved-NUMBER.winnow" beside its lock. GUI thread; writing is done in the
/// background, one file after the other, each replaced as a whole.
class Autosave {
public:
    /// The file is made by the first keep().
    explicit Autosave(std::filesystem::path folder);
    /// Removes the file: whoever comes to this has closed in order.
    ~Autosave();
    Autosave(const Autosave&) = delete;
    Autosave& operator=(const Autosave&) = delete;

    /// Writes the session unless the file holds it already. What goes wrong is not told: the next call tries again.
    void keep(const Session& session);
    /// Nothing is open any more: the file goes until the next keep().
    void forget();
    /// Goes on with what another Winnow left: its file becomes this one's.
    void adopt(Leftover leftover);
    const std::filesystem::path& file() const { return m_place->file; }

private:
    /// What the writing thread and the window share.
    struct Place {
        std::filesystem::path file;
        std::mutex mutex;
        bool wanted = false; ///< false: nothing may be written any more
    };
    std::filesystem::path m_folder;
    std::unique_ptr<QLockFile> m_lock;
    std::shared_ptr<Place> m_place = std::make_shared<Place>();
    std::string m_written;
    views::LatestJob<bool> m_job;
};

} // namespace winnow::app
