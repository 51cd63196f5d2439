// SPDX-License-Identifier: GPL-3.0-or-later
// Saves and opens sessions, saves them by itself while one works, and offers them after a crash. The window says what a session
// holds and applies one that is opened. GUI thread; files are written in the background.
#pragma once

#include "app/window/band.h"
#include "app/work/autosave.h"
#include "app/work/session.h"
#include "app/work/workspace.h"
#include "views/state/latest_job.h"

#include <QObject>
#include <QTimer>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QWidget;

namespace winnow::app {

/// What the window tells its SessionKeeper.
struct SessionSource {
    std::function<Session()> now;                               ///< the session as it is now
    std::function<std::vector<std::filesystem::path>()> inputs; ///< files that are open: no session is written over them
};

class SessionKeeper : public QObject {
    Q_OBJECT
public:
    /// `workspace`, `offer` and `window` must outlive this object. `offer` shows the session of a crash; `window` is the parent
    /// of the dialogs.
    SessionKeeper(Workspace* workspace, SessionSource source, Band* offer, QWidget* window);
    ~SessionKeeper() override;

    /// From now on saves the session into `folder` every few seconds. If a Winnow that crashed left a session there, offers it.
    void keepIn(const std::filesystem::path& folder);
    void keepNow(); ///< saves it at once; does nothing before keepIn
    bool offersSession() const { return m_leftover.has_value(); }
    void bringBack();       ///< opens the session of the crash
    void discardLeftover(); ///< deletes it

    /// Saves the session to its file. Asks for the file if it has none yet, or if `asNew`. Ends with `saved` or `notSaved`.
    void save(bool asNew);
    void saveTo(const std::filesystem::path& file); ///< likewise, to `file`
    bool isSaving() const { return m_saveJob.isRunning(); }
    void open(const std::filesystem::path& file);
    void findRecording(); ///< asks where the recording of the session is now; see `gone`
    /// Whether the files of a session are being opened. What the session selects is applied when their tokens are there.
    bool isOpening() const { return m_opening.has_value(); }
    const Session& opened() const { return *m_opening; } ///< only while isOpening()
    std::optional<Session> takeOpened() { return std::exchange(m_opening, std::nullopt); }
    void dropOpening() { m_opening.reset(); }

    void begin();  ///< call it when something else is opened: it gets no session file yet
    void forget(); ///< call it when all is closed
    void end();    ///< call it when the window closes as usual: deletes the session kept against a crash

signals:
    void beginning();                                  ///< a session was read; its files are opened next
    void opening(const winnow::app::Session& session); ///< its files are being opened; what needs no tokens can be applied
    void refused(const QString& sentence);
    /// The recording of the session is not where the session says. findRecording asks for it.
    void gone(const QString& sentence, const QString& model, const QString& text);
    void saved(const QString& path);
    void notSaved(const QString& sentence); ///< "" = the user closed the dialog
    void named(const QString& path);        ///< a file for the list of recent files
    void left();                            ///< a dialog asks about something that is not open any more: it closes

private:
    bool restore(const std::filesystem::path& file); ///< reads and shows a session; false: `refused` was emitted
    void show(Session session);

    Workspace* m_workspace;
    SessionSource m_source;
    Band* m_offer;
    QWidget* m_window;
    QTimer m_timer;
    std::unique_ptr<Autosave> m_autosave; ///< null before keepIn
    std::optional<Leftover> m_leftover;
    std::filesystem::path m_file;
    std::optional<Session> m_opening;    ///< its files are being opened
    std::optional<Session> m_incomplete; ///< its recording was not found
    std::filesystem::path m_incompleteFile;
    /// What a save has written.
    struct Saved {
        std::filesystem::path file;                ///< of the session
        std::filesystem::path from, to;            ///< a recording that was copied out of the temporary folder; empty = none
        std::filesystem::path replay;              ///< the file of the replays; empty = not written
        std::shared_ptr<const ReplayResult> shown; ///< the replays in it
        std::filesystem::path runsFile;            ///< the file of the runs
        std::shared_ptr<const ReplayResult> runs;  ///< the runs in it; null = not written
        std::filesystem::path swept;               ///< the session's older file of runs, which was deleted; empty = none
    };
    views::LatestJob<Saved> m_saveJob;
};

} // namespace winnow::app
