// SPDX-License-Identifier: GPL-3.0-or-later
// The session's file: saved, kept against a crash, brought back, opened. What a session holds is the window's to say and to take.
// GUI thread; files are written in the background.
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

/// What the window knows and its session needs.
struct SessionSource {
    std::function<Session()> now;                               ///< everything that makes the picture
    std::function<std::vector<std::filesystem::path>()> inputs; ///< files that no session may take the place of
};

class SessionKeeper : public QObject {
    Q_OBJECT
public:
    /// Both outlive this object. `window` carries the dialogs.
    SessionKeeper(Workspace* workspace, SessionSource source, Band* offer, QWidget* window);
    ~SessionKeeper() override;

    /// Writes the session into `folder` while one works, and offers what a Winnow that crashed has left there.
    void keepIn(const std::filesystem::path& folder);
    void keepNow(); ///< if sessions are kept
    bool offersSession() const { return m_leftover.has_value(); }
    void bringBack();
    void discardLeftover();

    /// Asks for the file if there is none yet, or if `asNew`. `saved` says how it went, unless the dialog is closed.
    void save(bool asNew);
    void saveTo(const std::filesystem::path& file);
    bool isSaving() const { return m_saveJob.isRunning(); }
    void open(const std::filesystem::path& file);
    void findRecording();
    /// The session whose files are being opened: what it selects can be shown once their tokens are there.
    bool isOpening() const { return m_opening.has_value(); }
    const Session& opened() const { return *m_opening; } ///< while it is
    std::optional<Session> takeOpened() { return std::exchange(m_opening, std::nullopt); }
    void dropOpening() { m_opening.reset(); }

    void begin();  ///< something else is opened: the session's file is not that of what comes
    void forget(); ///< nothing is open any more
    void end();    ///< the window closes in order: nothing is left behind

signals:
    void beginning();                                  ///< before the files of a session are opened
    void opening(const winnow::app::Session& session); ///< they are; what needs no tokens can be shown
    void refused(const QString& sentence);
    /// Its recording is not there any more; findRecording asks where it is now.
    void gone(const QString& sentence, const QString& model, const QString& text);
    void saved(const QString& path);
    void notSaved(const QString& sentence); ///< "" = the user changed his mind
    void named(const QString& path);        ///< for the recent files
    void left();                            ///< what a dialog asks about is gone

private:
    bool restore(const std::filesystem::path& file); ///< false: it was refused
    void show(Session session);

    Workspace* m_workspace;
    SessionSource m_source;
    Band* m_offer;
    QWidget* m_window;
    QTimer m_timer;
    std::unique_ptr<Autosave> m_autosave; ///< null: sessions are not kept
    std::optional<Leftover> m_leftover;
    std::filesystem::path m_file;
    std::optional<Session> m_opening, m_incomplete; ///< the latter without its recording
    std::filesystem::path m_incompleteFile;
    struct Saved {
        std::filesystem::path file;
        std::filesystem::path from, to;            ///< the recording that was copied from the temporary folder; empty = none
        std::filesystem::path replay;              ///< was written; empty = none
        std::shared_ptr<const ReplayResult> shown; ///< that it holds
        std::shared_ptr<const ReplayResult> runs;  ///< that were written to `runsFile`; null = none
        std::filesystem::path runsFile;
    };
    views::LatestJob<Saved> m_saveJob;
};

} // namespace winnow::app
